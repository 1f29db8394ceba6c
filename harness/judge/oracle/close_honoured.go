package oracle

// closeHonoured holds that nothing is sent of a session after an answer with
// Session=close that arrived whole (S46).
func closeHonoured(e *Evidence) (f finding) {
	for _, s := range e.Sessions {
		var closing *Request
		for _, r := range s.Requests {
			if closing != nil {
				f.fail([]int{closing.Ordinal, r.Ordinal}, "request %d (%s) came after the answer to request %d had said Session=close",
					r.Ordinal, r.Name(), closing.Ordinal)
				break
			}
			if r.Served() && !r.ByReset && r.Header.Close {
				closing = r
				f.ok()
			}
		}
	}
	f.missing("no answer said Session=close")
	return f
}
