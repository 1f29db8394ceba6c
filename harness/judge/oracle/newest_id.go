package oracle

import "slices"

// newestID holds that each request carries the SessionID of the newest answer
// of its session that arrived whole, unchanged (S45, S48). Where a reset may
// have overtaken an answer either id is right. A client whose repeat was
// answered with 400 may try the id that the cut answer had shown, once. A request
// that crossed the end of its connection may be read long after it was sent, and
// no answer to it arrives: it is left out.
func newestID(e *Evidence) (f finding) {
	known := map[*Session]*allowed{}
	for _, r := range e.Requests {
		if r.Crossed {
			continue
		}
		if !r.IsOpen() {
			judgeID(&f, r, known[r.Session])
		}
		if r.Session != nil {
			if known[r.Session] == nil {
				known[r.Session] = &allowed{}
			}
			known[r.Session].learn(r)
		}
	}
	f.missing("no request with a SessionID was seen")
	return f
}

// allowed are the ids that the next request may carry.
type allowed struct {
	ids     []string
	shown   string // in the head of an answer that was cut
	refused bool   // the last answer was 400
}

func judgeID(f *finding, r *Request, a *allowed) {
	carried := r.Query.SessionID
	switch {
	case r.Garbled != "":
		return // not a request of the gateway's; other oracles see to it
	case carried == "":
		f.fail([]int{r.Ordinal}, "request %d (%s) carries no SessionID", r.Ordinal, r.Name())
	case r.Session == nil || a == nil || len(a.ids) == 0:
		f.fail([]int{r.Ordinal}, "request %d (%s) carries the SessionID %q, which no answer had given", r.Ordinal, r.Name(), carried)
	case slices.Contains(a.ids, carried), a.refused && carried == a.shown:
		f.ok()
	default:
		f.fail([]int{r.Ordinal}, "request %d (%s) carries the SessionID %q; the newest whole answer gave %q",
			r.Ordinal, r.Name(), carried, a.ids[len(a.ids)-1])
	}
}

func (a *allowed) learn(r *Request) {
	a.refused = r.Status == 400
	if r.Header == nil || r.Header.SessionID == "" {
		return
	}
	whole, unsure := r.arrived()
	switch {
	case unsure:
		a.ids = append(a.ids, r.Header.SessionID)
	case whole:
		a.ids = []string{r.Header.SessionID}
	default:
		a.shown = r.Header.SessionID
	}
}
