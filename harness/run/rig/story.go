package rig

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
)

// Story tells the whole run at hop 0, a line for each thing that a reader of a
// bug report would want to see: dials, exchanges, what the client said.
func (o Outcome) Story() []string {
	type moment struct {
		at   time.Duration
		line string
	}
	events := o.events()
	var moments []moment
	for _, x := range history.Exchanges(events, 0) {
		moments = append(moments, moment{x.Began, describe(x, faultOn(events, x))})
	}
	for _, f := range o.Result.Fates {
		moments = append(moments, moment{time.Duration(f.At) * time.Millisecond, fmt.Sprintf("%9.3fs  %s", float64(f.At)/1000, f)})
	}
	for i := range events {
		if line := tell(&events[i]); line != "" {
			moments = append(moments, moment{events[i].At, fmt.Sprintf("%9.3fs  %s", events[i].At.Seconds(), line)})
		}
	}
	slices.SortStableFunc(moments, func(a, b moment) int { return cmp.Compare(a.at, b.at) })
	lines := make([]string, len(moments))
	for i, m := range moments {
		lines[i] = m.line
	}
	return lines
}

// tell is an event on one line; empty for what the exchanges show.
func tell(e *history.Event) string {
	switch e.Kind {
	case history.Dialled:
		return fmt.Sprintf("connects to %s: %s", e.ID, e.How)
	case history.Opaque:
		if e.Hop == 0 {
			return fmt.Sprintf("connection %d carries what is not HTTP: % x", e.Conn, e.Data[:min(16, len(e.Data))])
		}
	case history.StepBegan:
		return "the user: " + e.Text
	case history.StepFailed:
		return "not done: " + e.Text
	case history.StepEnded:
		return "ended by hand: " + e.Text
	case history.Rejected:
		return fmt.Sprintf("the gateway answers %d: %s", e.Status, e.Text)
	case history.ClientGone, history.Crashed:
		return fmt.Sprintf("%s: %s", e.Kind, e.Text)
	case history.Uncertain, history.Reopened, history.Failed:
		return fmt.Sprintf("the client says: %s %s", e.Kind, e.Text)
	}
	return ""
}
