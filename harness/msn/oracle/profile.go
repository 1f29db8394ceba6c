package oracle

import (
	"bytes"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/trace"
)

// profileAccepted holds that a client goes on after a profile with ClientPort
// 0 (S19): it makes a request after the answer that brought it.
func profileAccepted(t *trace.Trace) (f oracle.Assessment) {
	if !profileSent(t) {
		f.Missing("the user was sent no profile with ClientPort 0")
		return f
	}
	at, arrived := profileArrived(t)
	if !arrived {
		f.Missing("the profile with ClientPort 0 arrived in no single answer")
		return f
	}
	for _, r := range t.Requests {
		if r.Began >= at {
			f.OK()
			return f
		}
	}
	f.Fail(nil, "the profile with ClientPort 0 arrived at %s, and the client made no request after it", oracle.Clock(at))
	return f
}

// portless is the line by which such a profile is known.
const portless = "\r\nClientPort: 0\r\n"

func profileSent(t *trace.Trace) bool {
	for i := range t.Events {
		ev := &t.Events[i]
		if ev.Kind == history.Sent && ev.User == t.User && bytes.Contains(ev.Data, []byte(portless)) {
			return true
		}
	}
	return false
}

// profileArrived is when the answer with the profile had been handed on.
func profileArrived(t *trace.Trace) (at time.Duration, arrived bool) {
	for _, r := range t.Requests {
		if r.Answered && bytes.Contains(r.AnswerBody, []byte(portless)) {
			return r.Ended, true
		}
	}
	return 0, false
}
