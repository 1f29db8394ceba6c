package oracle

import (
	"bytes"
	"time"

	"gauntlet/harness/history"
)

// profileAccepted holds that a client goes on after a profile with ClientPort
// 0 (S19).
func profileAccepted(e *Evidence) (f finding) {
	at, sent := e.profile()
	if !sent {
		f.missing("the user was sent no profile with ClientPort 0")
		return f
	}
	for _, r := range e.Requests {
		if r.Began > at && r.answered() {
			f.ok()
			return f
		}
	}
	f.fail(nil, "the profile with ClientPort 0 was sent at %s, and the client made no request that was answered after it", clock(at))
	return f
}

func (e *Evidence) profile() (at time.Duration, sent bool) {
	for i := range e.Events {
		ev := &e.Events[i]
		if ev.Kind == history.Sent && ev.User == e.User && bytes.Contains(ev.Data, []byte("\r\nClientPort: 0\r\n")) {
			return ev.At, true
		}
	}
	return 0, false
}
