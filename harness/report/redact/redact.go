// Package redact masks the secrets in an outcome before anything is made of it
// that leaves the machine: what stands in Proxy-Authorization and its like,
// tickets, passwords and, when asked, the text of messages. Every writer of a
// report is given outcomes that went through here; none masks anything itself.
//
// A mask is as long as what it hides, so that lengths, offsets and TCP sequence
// numbers stay true. Stored histories are not masked: a history is judged again
// by its bytes, and two tickets of one length would become one.
//
// The package is pure and knows no format. It imports the rig for its outcomes.
package redact

import (
	"fmt"
	"slices"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

// Options says what else is secret.
type Options struct {
	Text bool // what users said to one another
}

// Outcome is o with its events at hand and its secrets masked. What o holds is
// not changed. A history that cannot be read is an error: nobody knows what of
// the verdicts' reasons is secret then.
func Outcome(o rig.Outcome, options Options) (rig.Outcome, error) {
	events, err := o.Recorded()
	if err != nil {
		return rig.Outcome{}, fmt.Errorf("mask the secrets of %s: %w", o.Case.ID, err)
	}
	m := newMasker(events, options)
	if again := o.Reread; again != nil {
		o.Reread = func() ([]history.Event, error) {
			events, err := again()
			return m.events(events), err
		}
	} else {
		o.Events, o.Stored = m.events(events), nil
	}
	o.Result.Reason = m.text(o.Result.Reason)
	o.Result.Chain = append([]string{}, o.Result.Chain...)
	for i, box := range o.Result.Chain {
		o.Result.Chain[i] = m.text(box)
	}
	o.Result.Verdicts = append([]oracle.Verdict{}, o.Result.Verdicts...)
	for i := range o.Result.Verdicts {
		o.Result.Verdicts[i].Reason = m.text(o.Result.Verdicts[i].Reason)
	}
	return o, nil
}

// events are copies with their secrets masked.
func (m *masker) events(events []history.Event) []history.Event {
	masked := make([]history.Event, len(events)) // not nil: there are none, and nobody need look further
	for i, e := range events {
		e.Data = m.data(e.Data)
		e.Text = m.said(e.Kind, e.Text)
		for _, field := range []*string{&e.ID, &e.NewID, &e.User, &e.Action, &e.How, &e.Fault} {
			*field = m.known.replace(*field)
		}
		e.Labels = slices.Clone(e.Labels)
		for j := range e.Labels {
			e.Labels[j] = m.known.replace(e.Labels[j])
		}
		masked[i] = e
	}
	return masked
}

// said is the text of an event; of some it is what a user said.
func (m *masker) said(kind history.Kind, text string) string {
	if m.options.Text && carriesText(kind) {
		return mask(text)
	}
	return m.text(text)
}

// carriesText reports whether an event's text is a message.
func carriesText(kind history.Kind) bool {
	switch kind {
	case history.Relayed, history.Submitted, history.Delivered, history.Uncertain:
		return true
	}
	return false
}
