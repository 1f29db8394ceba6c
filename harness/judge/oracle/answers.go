package oracle

import (
	"fmt"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
)

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
		f.Fail(nil, "%d of %d messages to the user were never shown: %s", len(lost), len(queued), Texts(lost))
	}
	if twice := doubled(shown); len(twice) > 0 {
		f.Fail(nil, "shown to the user more than once: %s", Texts(twice))
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
		if r.Session != nil && r.Session.Server == t.Words.Home && r.Began > asked.At && r.Served() {
			heard++
		}
	}
	if heard >= chances {
		f.Fail(nil, "a challenge of the server's (%s) at %s was never answered", t.Words.Challenge, Clock(asked.At))
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
			f.Fail(nil, "a challenge of the server's (%s) at work: %s", t.Words.Challenge, ev.Text)
		}
	}
	if pending {
		f.Missing("the client does not say what it shows, and the run ended before it had answered a challenge (%s)", t.Words.Challenge)
	}
	f.Missing("the client does not say what it shows, and was not challenged")
	return f
}
