package oracle

import "gauntlet/harness/judge/history"

// delivered holds that what the contact sent was shown to the user once and in
// order (S11, S36). It needs the client's own word; one that says nothing is
// judged by what a client answers by itself.
func delivered(e *Evidence) (f finding) {
	queued, shown := e.relayed(e.Contact), e.shown()
	switch {
	case len(shown) == 0 && !e.speaks():
		return e.probed()
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
	return f
}

// probed holds that each challenge of the server's was answered, and rightly as
// far as the client's product is known.
func (e *Evidence) probed() (f finding) {
	pending := 0
	for i := range e.Events {
		ev := &e.Events[i]
		if ev.User != e.User {
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
