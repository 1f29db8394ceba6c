package fate

import (
	"cmp"
	"slices"
	"time"

	"gauntlet/harness/judge/oracle"
)

// disturbance is one exchange and what struck it.
type disturbance struct {
	at      time.Duration
	conn    int             // at hop 0, 0 if unknown
	request *oracle.Request // nil: none was seen
	faults  []string
}

// disturbances are the exchanges that faults struck, wherever on the way, and
// those that were lost without one.
func disturbances(e *oracle.Evidence, w *way, struck []strike) []disturbance {
	byRequest := map[*oracle.Request]*disturbance{}
	var list []*disturbance
	add := func(r *oracle.Request, at time.Duration) *disturbance {
		d := byRequest[r]
		if d == nil {
			d = &disturbance{at: at, conn: r.Conn, request: r, faults: []string{}}
			byRequest[r], list = d, append(list, d)
		}
		return d
	}
	for _, s := range struck {
		if r := w.origin(s); r != nil {
			d := add(r, s.at)
			if !slices.Contains(d.faults, s.fault) {
				d.faults = append(d.faults, s.fault)
			}
		} else if s.hop == 0 && w.unused(s) {
			list = append(list, &disturbance{at: s.at, conn: s.conn, faults: []string{s.fault}})
		}
	}
	for _, r := range e.Requests {
		if lost(r) {
			d := add(r, r.Ended)
			d.at = max(d.at, r.Ended) // until then the client could not know
		}
	}
	slices.SortStableFunc(list, func(a, b *disturbance) int { return cmp.Compare(a.at, b.at) })
	out := make([]disturbance, len(list))
	for i, d := range list {
		out[i] = *d
	}
	return out
}
