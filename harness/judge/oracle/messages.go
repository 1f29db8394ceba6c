package oracle

import (
	"bytes"
	"slices"

	"gauntlet/harness/judge/history"
)

// submitted are the messages that the client was asked to send, in order. Those
// of a step that was ended by hand nobody may have typed.
func (e *Evidence) submitted() (list []string) {
	before := 0
	for i := range e.Events {
		switch ev := &e.Events[i]; ev.Kind {
		case history.StepBegan:
			before = len(list)
		case history.StepEnded:
			list = list[:before]
		case history.Submitted:
			list = append(list, ev.Text)
		}
	}
	return list
}

// relayed are the messages of sender that the switchboard passed on.
func (e *Evidence) relayed(sender string) []string {
	return e.textsOf(func(ev *history.Event) bool { return ev.Kind == history.Relayed && ev.User == sender })
}

// shown are the messages that the client showed to its user.
func (e *Evidence) shown() []string {
	return e.textsOf(func(ev *history.Event) bool { return ev.Kind == history.Delivered })
}

// doubted are the messages that the client called uncertain.
func (e *Evidence) doubted() []string {
	return e.textsOf(func(ev *history.Event) bool { return ev.Kind == history.Uncertain })
}

func (e *Evidence) textsOf(wanted func(*history.Event) bool) []string {
	var list []string
	for i := range e.Events {
		if wanted(&e.Events[i]) {
			list = append(list, e.Events[i].Text)
		}
	}
	return list
}

// lostFrom are the messages of sent that are not in arrived.
func lostFrom(sent, arrived []string) []string {
	return slices.DeleteFunc(slices.Clone(sent), func(t string) bool { return slices.Contains(arrived, t) })
}

// carrying are the requests with a message in their bodies, by their ordinals.
func (e *Evidence) carrying(text string) (ordinals []int) {
	for _, r := range e.Requests {
		if bytes.Contains(r.Body, []byte(text)) {
			ordinals = append(ordinals, r.Ordinal)
		}
	}
	return ordinals
}

// doubled are the messages that are in the list more than once.
func doubled(list []string) []string {
	var twice []string
	for i, t := range list {
		if slices.Contains(list[:i], t) && !slices.Contains(twice, t) {
			twice = append(twice, t)
		}
	}
	return twice
}

// swapped finds the first two neighbours of arrived that were sent in the
// other order; messages sent once only.
func swapped(sent, arrived []string) (earlier, later string, found bool) {
	last := -1
	for i, t := range arrived {
		at := slices.Index(sent, t)
		if at < 0 || slices.Contains(arrived[:i], t) {
			continue
		}
		if at < last {
			return t, sent[last], true
		}
		last = at
	}
	return "", "", false
}
