package oracle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
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
		f.because(ending, unseenByEnd(t, lost))
		if unasked(t, lost[0]) {
			f.Excuse("it asked for none of them, which is another defect")
		}
	}
	if made := lostFrom(shown, queued); len(made) > 0 {
		f.Fail(nil, "shown to the user, and nobody said it: %s", Texts(made))
	}
	if name, wrong := wrongName(t); wrong {
		f.Fail(nil, "shown to the user as from %s; it was from %q", name, t.Contact)
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

// wrongName is a name under which a message was shown and which is not that of
// the contact. A name without an address may be one that the contact goes by.
func wrongName(t *trace.Trace) (name string, wrong bool) {
	for i := range t.Events {
		switch ev := &t.Events[i]; {
		case ev.Kind != history.Delivered:
		case ev.ID == "":
			return "nobody", true
		case strings.Contains(ev.ID, "@") && !strings.EqualFold(ev.ID, t.Contact):
			return strconv.Quote(ev.ID), true
		}
	}
	return "", false
}

// unasked reports whether the client, in a chat that stayed, asked for nothing for
// longer than any polls apart once a message had been sent to it: it never heard it,
// and is silent.
func unasked(t *trace.Trace, text string) bool {
	sent := slices.IndexFunc(t.Events, func(ev history.Event) bool { return ev.Kind == history.Relayed && ev.Text == text })
	from := t.Events[sent].At
	until := from + requirement.SlowestPoll
	stayed := slices.ContainsFunc(t.Sessions, func(s *trace.Session) bool {
		return s.Server == t.Words.Chat && s.Opened <= from && (s.Ended < 0 || s.Ended > until)
	})
	return stayed && t.Events[len(t.Events)-1].At > until && !slices.ContainsFunc(t.Requests, func(r *trace.Request) bool {
		return r.Server() == t.Words.Chat && r.Ended > from && r.Ended <= until
	})
}

// garbled says who is to blame for what a client could not read.
func garbled(r *trace.Request) string {
	return fmt.Sprintf("the answer to request %d was falsified: %s", r.Ordinal, r.Falsified())
}

// answered holds that no challenge stays without an answer, whatever the server's
// deadline, and that the answer is right as far as the client's product is known.
func answered(f *Assessment, t *trace.Trace) {
	var open *history.Event
	heard := sync.OnceValue(func() *hearing { return hear(t) })
	for i := range t.Events {
		switch ev := &t.Events[i]; {
		case ev.User != t.User:
		case ev.Kind == history.Challenged:
			heard().judgeIgnored(f, open, ev.At)
			open = ev
		case ev.Kind == history.ChallengeFailed && open != nil && (heard().nothing(open.At, ev.At) || heard().unsure(open.At, ev.At)):
			open = nil // how should it have been answered
		case ev.Kind == history.ChallengeFailed:
			f.Fail(nil, "a challenge of the server's (%s) at work: %s", t.Words.Challenge, ev.Text)
			open = nil
		case ev.Kind == history.ChallengeAnswered:
			open = nil
		}
	}
	if open != nil {
		heard().judgeIgnored(f, open, t.End()+1)
	}
}

// probed holds that each challenge of the server's was answered.
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
		}
	}
	if pending {
		f.Missing("the client does not say what it shows, and the run ended before it had answered a challenge (%s)", t.Words.Challenge)
	}
	f.Missing("the client does not say what it shows, and was not challenged")
	return f
}
