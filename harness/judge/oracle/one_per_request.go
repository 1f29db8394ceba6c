package oracle

// onePerRequest tells whether each request carries one command (S40).
func onePerRequest(e *Evidence) (f finding) {
	for _, r := range e.Requests {
		names := r.commands()
		switch {
		case len(names) > 1:
			f.fail([]int{r.Ordinal}, "request %d carries %d commands: %s", r.Ordinal, len(names), texts(names))
		case len(names) == 1:
			f.ok()
		}
	}
	f.missing("no command was seen")
	return f
}
