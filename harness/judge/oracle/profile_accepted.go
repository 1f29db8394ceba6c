package oracle

import (
	"bytes"
	"time"

	"gauntlet/harness/judge/history"
)

// profileAccepted holds that a client goes on after a profile with ClientPort
// 0 (S19): it makes a request after the answer that brought it.
func profileAccepted(e *Evidence) (f finding) {
	if !e.profileSent() {
		f.missing("the user was sent no profile with ClientPort 0")
		return f
	}
	at, arrived := e.profileArrived()
	if !arrived {
		f.missing("the profile with ClientPort 0 arrived in no single answer")
		return f
	}
	for _, r := range e.Requests {
		if r.Began >= at {
			f.ok()
			return f
		}
	}
	f.fail(nil, "the profile with ClientPort 0 arrived at %s, and the client made no request after it", clock(at))
	return f
}

// portless is the line by which such a profile is known.
const portless = "\r\nClientPort: 0\r\n"

func (e *Evidence) profileSent() bool {
	for i := range e.Events {
		ev := &e.Events[i]
		if ev.Kind == history.Sent && ev.User == e.User && bytes.Contains(ev.Data, []byte(portless)) {
			return true
		}
	}
	return false
}

// profileArrived is when the answer with the profile had been handed on.
func (e *Evidence) profileArrived() (at time.Duration, arrived bool) {
	for _, r := range e.Requests {
		if r.Answered && bytes.Contains(r.AnswerBody, []byte(portless)) {
			return r.Ended, true
		}
	}
	return 0, false
}
