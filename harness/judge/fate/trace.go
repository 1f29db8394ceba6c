package fate

import (
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/proxies/http1"
)

// way is what was seen of each request beyond hop 0.
type way struct {
	requests map[int]*oracle.Request // by ordinal at hop 0
	busy     map[int]bool            // connections at hop 0 that carried anything
	hops     []map[int]int           // of each hop: the ordinal at hop 0 by the ordinal there
	gateway  int                     // the hop before the gateway
	reached  map[*oracle.Request]Stage
	withheld map[int]bool // exchanges at hop 0 that a fault did not hand on
}

// traced follows the requests from hop to hop and into the gateway. A request
// is known again by its query and its body; of several that are the same the
// latest that had begun is meant.
func traced(e *oracle.Evidence, boxes int) *way {
	w := &way{
		requests: map[int]*oracle.Request{}, busy: map[int]bool{}, gateway: boxes,
		hops: make([]map[int]int, boxes+1), reached: map[*oracle.Request]Stage{}, withheld: map[int]bool{},
	}
	before := make([]*history.Exchange, len(e.Requests))
	w.hops[0] = map[int]int{}
	for i, r := range e.Requests {
		before[i] = r.Exchange
		w.requests[r.Ordinal], w.hops[0][r.Ordinal] = r, r.Ordinal
	}
	for _, c := range e.Connections {
		w.busy[c.Number] = len(c.Exchanges) > 0 || len(c.Opaque) > 0
	}
	for hop := 1; hop <= boxes; hop++ {
		before = w.follow(hop, before, history.Exchanges(e.Events, hop))
	}
	w.enter(e.Events, before)
	w.withhold(e.Events)
	return w
}

// follow finds where the requests of one hop come from, at the hop before it.
func (w *way) follow(hop int, before, here []*history.Exchange) []*history.Exchange {
	known := index(before)
	w.hops[hop] = map[int]int{}
	for _, x := range here {
		parent := known.latest(idOf(x), x.Began, func(p *history.Exchange) bool {
			return !p.Received || !x.Received || string(p.Body) == string(x.Body)
		})
		if parent == nil {
			continue
		}
		origin := w.hops[hop-1][parent.Ordinal]
		w.hops[hop][x.Ordinal] = origin
		if hop == w.gateway {
			w.atLeast(origin, ReachedGateway)
			if x.Received && x.Status != 0 { // an answer to half a request is a complaint
				w.atLeast(origin, AnswerLeft)
			}
		}
	}
	return here
}

// enter finds which requests the gateway took.
func (w *way) enter(events []history.Event, last []*history.Exchange) {
	known := index(last)
	for i := range events {
		ev := &events[i]
		switch ev.Kind {
		case history.Processed, history.Repeated, history.Rejected:
		default:
			continue
		}
		x := known.latest(ev.ID, ev.At, func(x *history.Exchange) bool { return x.Received && string(x.Body) == string(ev.Data) })
		if x != nil {
			w.atLeast(w.hops[w.gateway][x.Ordinal], Processed)
		}
	}
}

// withhold notes what a fault at hop 0 kept from whom it was for.
func (w *way) withhold(events []history.Event) {
	for i := range events {
		if ev := &events[i]; ev.Kind == history.Fired && ev.Hop == 0 && strings.Contains(ev.Fault, ", forward:") {
			w.withheld[ev.Exchange] = true
		}
	}
}

var order = []Stage{NeverLeft, LeftClient, ReachedBox, ReachedGateway, Processed, AnswerLeft, AnswerArrived}

// atLeast notes that a request came so far, or further.
func (w *way) atLeast(ordinal int, s Stage) {
	if r := w.requests[ordinal]; r != nil && slices.Index(order, s) > slices.Index(order, w.reached[r]) {
		w.reached[r] = s
	}
}

// stage is how far a request came that was seen at hop 0.
func (w *way) stage(r *oracle.Request) Stage {
	beyond := w.reached[r]
	switch {
	case r.Served():
		return AnswerArrived
	case w.gateway == 0 && r.Status != 0 && beyond == Processed:
		return AnswerLeft
	case beyond != "":
		return beyond
	case !r.Received || w.withheld[r.Ordinal]:
		return LeftClient
	case w.gateway == 0:
		return ReachedGateway
	}
	return ReachedBox
}

// origin is the request at hop 0 that a fault struck, there or further on.
func (w *way) origin(s strike) *oracle.Request {
	if s.exchange == 0 || s.hop >= len(w.hops) {
		return nil
	}
	return w.requests[w.hops[s.hop][s.exchange]]
}

// unused tells whether the fault took a connection that had carried nothing.
func (w *way) unused(s strike) bool { return !w.busy[s.conn] }

// byID holds the exchanges of a hop by the SessionID that they carry, in the
// order in which they began.
type byID map[string][]*history.Exchange

func index(list []*history.Exchange) byID {
	m := byID{}
	for _, x := range list {
		id := idOf(x)
		m[id] = append(m[id], x)
	}
	return m
}

// latest is the last exchange with that id that had begun by then and that
// fits.
func (m byID) latest(id string, by time.Duration, fits func(*history.Exchange) bool) *history.Exchange {
	list := m[id]
	after, _ := slices.BinarySearchFunc(list, by+1, func(x *history.Exchange, t time.Duration) int { return int(x.Began - t) })
	for _, x := range slices.Backward(list[:after]) {
		if fits(x) {
			return x
		}
	}
	return nil
}

// idOf is the SessionID that an exchange carries; empty for an open, and where
// it may be cut.
func idOf(x *history.Exchange) string {
	if x.Ordinal == 0 {
		return ""
	}
	_, query, _ := msnhttp.ParseTarget(http1.Target(x.Head)) // what means nothing carries nothing
	return query.SessionID
}
