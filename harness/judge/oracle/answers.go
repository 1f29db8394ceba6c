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
func profileAccepted(t *trace.Trace) (f Assessment) {
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
	f.Fail(nil, "the profile with ClientPort 0 arrived at %s, and the client made no request after it", clock(at))
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
func delivered(t *trace.Trace) (f Assessment) {
	queued, shown := relayed(t, t.Contact), shown(t)
	switch {
	case len(shown) == 0 && !t.Speaks():
		return probed(t)
	case len(queued) == 0:
		answered(&f, t)
		f.Missing("nothing was sent to the user")
		return f
	}
	f.checked = len(queued)
	if lost := lostFrom(queued, shown); len(lost) > 0 {
		f.Fail(nil, "%d of %d messages to the user were never shown: %s", len(lost), len(queued), texts(lost))
	}
	if twice := doubled(shown); len(twice) > 0 {
		f.Fail(nil, "shown to the user more than once: %s", texts(twice))
	}
	if earlier, later, wrong := swapped(queued, shown); wrong {
		f.Fail(nil, "%q was shown after %q, but was sent before it", earlier, later)
	}
	answered(&f, t)
	if r := t.Garbled(); r != nil {
		f.Excuse("%s", garbled(r))
	}
	return f
}

// garbled says who is to blame for what a client could not read.
func garbled(r *trace.Request) string {
	return fmt.Sprintf("the answer to request %d was falsified: %s", r.Ordinal, r.Falsified())
}

// chances is how many answers a client may take after a challenge before it is
// certain that it heard it and does not answer.
const chances = 5

// answered holds that no challenge stays without an answer. Who was asked when it
// was about to leave, or could not be heard any more, had no chance.
func answered(f *Assessment, t *trace.Trace) {
	var asked *history.Event
	for i := range t.Events {
		switch ev := &t.Events[i]; {
		case ev.User != t.User:
		case ev.Kind == history.Challenged && asked == nil:
			asked = ev
		case ev.Kind == history.ChallengeAnswered || ev.Kind == history.ChallengeFailed:
			asked = nil
		}
	}
	if asked == nil {
		return
	}
	heard := 0
	for _, r := range t.Requests {
		if r.Session != nil && r.Session.Server == "NS" && r.Began > asked.At && r.Served() {
			heard++
		}
	}
	if heard >= chances {
		f.Fail(nil, "a challenge of the server's (CHL) at %s was never answered", clock(asked.At))
	}
}

// probed holds that each challenge of the server's was answered, and rightly as
// far as the client's product is known.
func probed(t *trace.Trace) (f Assessment) {
	answered(&f, t)
	pending := false
	for i := range t.Events {
		ev := &t.Events[i]
		if ev.User != t.User {
			continue
		}
		switch ev.Kind {
		case history.Challenged:
			pending = true
		case history.ChallengeAnswered:
			f.OK()
		case history.ChallengeFailed:
			f.Fail(nil, "a challenge of the server's (CHL) at work: %s", ev.Text)
		}
	}
	if pending {
		f.Missing("the client does not say what it shows, and the run ended before it had answered a challenge (CHL)")
	}
	f.Missing("the client does not say what it shows, and was not challenged")
	return f
}
