package oracle

import (
	"bytes"
	"fmt"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
)

// profileAccepted holds that a client goes on after a profile with ClientPort
// 0 (S19): it makes a request after the answer that brought it.
func profileAccepted(t *trace.Trace) (f assessment) {
	if !profileSent(t) {
		f.missing("the user was sent no profile with ClientPort 0")
		return f
	}
	at, arrived := profileArrived(t)
	if !arrived {
		f.missing("the profile with ClientPort 0 arrived in no single answer")
		return f
	}
	for _, r := range t.Requests {
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

// delivered holds that what the contact sent was shown to the user once and in
// order (S11, S36). It needs the client's own word; one that says nothing is
// judged by what a client answers by itself.
func delivered(t *trace.Trace) (f assessment) {
	queued, shown := relayed(t, t.Contact), shown(t)
	switch {
	case len(shown) == 0 && !t.Speaks():
		return probed(t)
	case len(queued) == 0:
		f.missing("nothing was sent to the user")
		return f
	}
	f.checked = len(queued)
	if lost := lostFrom(queued, shown); len(lost) > 0 {
		f.fail(nil, "%d of %d messages to the user were never shown: %s", len(lost), len(queued), texts(lost))
	}
	if twice := doubled(shown); len(twice) > 0 {
		f.fail(nil, "shown to the user more than once: %s", texts(twice))
	}
	if earlier, later, wrong := swapped(queued, shown); wrong {
		f.fail(nil, "%q was shown after %q, but was sent before it", earlier, later)
	}
	if r := t.Garbled(); r != nil {
		f.excuse("%s", garbled(r))
	}
	return f
}

// garbled says who is to blame for what a client could not read.
func garbled(r *trace.Request) string {
	return fmt.Sprintf("the answer to request %d was falsified: %s", r.Ordinal, r.Falsified())
}

// probed holds that each challenge of the server's was answered, and rightly as
// far as the client's product is known.
func probed(t *trace.Trace) (f assessment) {
	pending := 0
	for i := range t.Events {
		ev := &t.Events[i]
		if ev.User != t.User {
			continue
		}
		switch ev.Kind {
		case history.Challenged:
			pending++
		case history.ChallengeAnswered:
			f.ok()
		case history.ChallengeFailed:
			f.fail(nil, "a challenge of the server's (CHL) at work: %s", ev.Text)
		}
	}
	if pending > 0 {
		f.missing("the client does not say what it shows, and the run ended before it had answered a challenge (CHL)")
	}
	f.missing("the client does not say what it shows, and was not challenged")
	return f
}
