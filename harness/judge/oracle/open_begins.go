package oracle

// openBegins holds that a session's first request is an open that names its
// server (S35, S37).
func openBegins(e *Evidence) (f finding) {
	for _, r := range e.Requests {
		if !r.IsOpen() {
			continue
		}
		switch r.Query.Server {
		case "NS", "SB":
			f.ok()
		default:
			f.fail([]int{r.Ordinal}, "request %d opens a session with the server %q", r.Ordinal, r.Query.Server)
		}
	}
	for _, s := range e.Sessions {
		if len(s.Requests) > 0 && !s.Requests[0].IsOpen() && s.openSeen(e) {
			r := s.Requests[0]
			f.fail([]int{r.Ordinal}, "request %d (%s) is the first of its session and no open", r.Ordinal, r.Name())
		}
	}
	f.missing("no session was opened")
	return f
}

// openSeen tells whether the answer to the session's open was handed on: an
// open without one belongs to no session.
func (s *Session) openSeen(e *Evidence) bool {
	for _, r := range e.Requests {
		if r.IsOpen() && r.Session == s {
			return true
		}
	}
	return false
}
