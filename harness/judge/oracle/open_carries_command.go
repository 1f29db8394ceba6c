package oracle

// openCarriesCommand holds that an open carries the session's first command
// (S41).
func openCarriesCommand(e *Evidence) (f finding) {
	for _, r := range e.Requests {
		if !r.IsOpen() || !r.Received {
			continue
		}
		if len(r.Body) > 0 {
			f.ok()
			continue
		}
		f.fail([]int{r.Ordinal}, "request %d opens an %s session with an empty body", r.Ordinal, r.Query.Server)
	}
	f.missing("no session was opened")
	return f
}
