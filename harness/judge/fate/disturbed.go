package fate

import (
	"cmp"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
)

// disturbance is one exchange and what disturbed it.
type disturbance struct {
	at      time.Duration
	conn    int            // at hop 0, 0 if unknown
	request *trace.Request // nil: none was seen
	faults  []string
}

// disturbances are the exchanges on which faults fired, wherever on the way, and
// those that were lost, or whose answers were falsified, without one; in order of
// time.
func disturbances(t *trace.Trace) []*disturbance {
	byRequest := map[*trace.Request]*disturbance{}
	var list []*disturbance
	add := func(r *trace.Request, at time.Duration) *disturbance {
		d := byRequest[r]
		if d == nil {
			d = &disturbance{at: at, conn: r.Conn, request: r, faults: []string{}}
			byRequest[r], list = d, append(list, d)
		}
		return d
	}
	for i := range t.Events {
		ev := &t.Events[i]
		if ev.Kind != history.Fired {
			continue
		}
		if r := t.FiredOn(ev); r != nil {
			d := add(r, ev.At)
			if !slices.Contains(d.faults, ev.Fault) {
				d.faults = append(d.faults, ev.Fault)
			}
		} else if unused(t, ev) {
			list = append(list, &disturbance{at: ev.At, conn: ev.Conn, faults: []string{ev.Fault}})
		}
	}
	for _, r := range t.Requests {
		if r.Lost() || r.Falsified() != nil {
			d := add(r, r.Ended)
			d.at = max(d.at, r.Ended) // until then the client could not know
		}
	}
	slices.SortStableFunc(list, func(a, b *disturbance) int { return cmp.Compare(a.at, b.at) })
	return list
}

// unused reports whether a fault at hop 0 took a connection that had carried
// nothing.
func unused(t *trace.Trace, fired *history.Event) bool {
	c := t.Connection(fired.Conn)
	return fired.Hop == 0 && (c == nil || !c.Carried())
}
