package mutants

import "gauntlet/harness/run/adapter"

// onIDs has the client read each SessionID otherwise than it was written.
func onIDs(read func(id string) string) adapter.Factory {
	return onAnswers(func(a *answer) {
		if h, ok := a.session(); ok {
			h.SessionID = read(h.SessionID)
			a.setSession(h)
		}
	})
}
