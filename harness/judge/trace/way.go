package trace

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/proxies/http1"
)

// Stage is how far an exchange came before it was over.
type Stage string

// The stages, in the order of the way.
const (
	NeverLeft      Stage = "never left the client" // its connection was turned away, or was gone before a byte of it
	LeftClient     Stage = "left the client"       // not whole, or withheld from whom it was for
	ReachedBox     Stage = "reached the box"       // whole; nothing of it was seen beyond
	ReachedGateway Stage = "reached the gateway"   // at least in part; not processed
	Processed      Stage = "processed"             // taken, repeated from the log or refused; nothing of the answer was seen
	AnswerLeft     Stage = "answer left"           // the gateway's answer began and did not arrive whole
	AnswerArrived  Stage = "answer arrived"        // the gateway's own, whole
)

var order = []Stage{NeverLeft, LeftClient, ReachedBox, ReachedGateway, Processed, AnswerLeft, AnswerArrived}

// way is what was seen of each request beyond hop 0.
type way struct {
	reader    Reader
	hops      []map[int]*Request // of each hop: the request at hop 0, by the ordinal there
	reached   map[*Request]Stage
	withheld  map[int]bool                              // exchanges at hop 0 that a fault did not hand on
	further   map[*history.Exchange][]*history.Exchange // by which an exchange was carried on
	falsified map[*Request]*Falsehood
}

// follow follows the requests from hop to hop and into the gateway.
func follow(t *Trace) *way {
	w := &way{
		reader:  t.Reader,
		hops:    make([]map[int]*Request, max(t.Boxes+1, history.Hops(t.Events))),
		reached: map[*Request]Stage{}, withheld: map[int]bool{},
		further: map[*history.Exchange][]*history.Exchange{}, falsified: map[*Request]*Falsehood{},
	}
	last, origins := make([]*history.Exchange, len(t.Requests)), t.Requests
	for i, r := range t.Requests {
		last[i] = r.Exchange
	}
	w.hops[0] = byOrdinal(last, origins)
	for hop := 1; hop < len(w.hops); hop++ {
		here := history.Exchanges(t.Events, hop)
		parents := CarriedOn(t.Reader, last, here)
		for i, p := range parents {
			if p >= 0 {
				w.further[last[p]] = append(w.further[last[p]], here[i])
			}
		}
		origins = inherit(origins, parents)
		w.hops[hop], last = byOrdinal(here, origins), here
	}
	w.arrive(last, origins)
	w.enter(t.Events, last, origins)
	w.withhold(t.Events)
	w.compare(t)
	return w
}

// inherit gives each exchange the origin of the one that it carries on.
func inherit(origins []*Request, parents []int) []*Request {
	list := make([]*Request, len(parents))
	for i, p := range parents {
		if p >= 0 {
			list[i] = origins[p]
		}
	}
	return list
}

func byOrdinal(list []*history.Exchange, origins []*Request) map[int]*Request {
	m := map[int]*Request{}
	for i, x := range list {
		if x.Ordinal > 0 {
			m[x.Ordinal] = origins[i]
		}
	}
	return m
}

// arrive notes which requests reached the last hop, behind a box.
func (w *way) arrive(last []*history.Exchange, origins []*Request) {
	if len(w.hops) == 1 {
		return
	}
	for i, x := range last {
		w.atLeast(origins[i], ReachedGateway)
		if x.Received && x.Status != 0 { // an answer to half a request is a complaint
			w.atLeast(origins[i], AnswerLeft)
		}
	}
}

// enter finds which requests the gateway took.
func (w *way) enter(events []history.Event, last []*history.Exchange, origins []*Request) {
	known := index(last, func(x *history.Exchange) string { return asked(w.reader, x).Token })
	for i := range events {
		ev := &events[i]
		switch ev.Kind {
		case history.Processed, history.Repeated, history.Rejected:
			if n := known.latest(ev.ID, ev.At, func(n int) bool { return last[n].Received && bytes.Equal(last[n].Body, ev.Data) }); n >= 0 {
				w.atLeast(origins[n], Processed)
			}
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

// atLeast notes that a request came so far, or further.
func (w *way) atLeast(r *Request, s Stage) {
	if r != nil && slices.Index(order, s) > slices.Index(order, w.reached[r]) {
		w.reached[r] = s
	}
}

// stageOf is how far a request came that was seen at hop 0.
func (w *way) stageOf(r *Request) Stage {
	direct, beyond := len(w.hops) == 1, w.reached[r]
	switch {
	case r.Served():
		return AnswerArrived
	case direct && r.Status != 0 && beyond == Processed:
		return AnswerLeft
	case beyond != "":
		return beyond
	case !r.Received || w.withheld[r.Ordinal]:
		return LeftClient
	case direct:
		return ReachedGateway
	}
	return ReachedBox
}

// firedOn is the request at hop 0 on which a fault fired, there or further on.
func (w *way) firedOn(fired *history.Event) *Request {
	if fired.Exchange > 0 && fired.Hop < len(w.hops) {
		return w.hops[fired.Hop][fired.Exchange]
	}
	return nil
}

// CarriedOn finds for each exchange of a hop which one of the hop before it
// carries on, -1 if none. A box hands a request on with its meaning and its body,
// whatever it does to the rest. Of several that fit, it is the latest to begin
// that nobody carries on yet; a box that repeats a request carries on the same
// one again. Of a body that was cut off nothing can be said.
func CarriedOn(by Reader, before, here []*history.Exchange) []int {
	known, carried := index(before, func(x *history.Exchange) string { return meaning(by, x) }), make([]bool, len(before))
	parents := make([]int, len(here))
	for i, x := range here {
		key := meaning(by, x)
		fits := func(n int) bool {
			return !x.Received || !before[n].Received || bytes.Equal(x.Body, before[n].Body)
		}
		n := known.latest(key, x.Began, func(n int) bool { return !carried[n] && fits(n) })
		if n < 0 {
			n = known.latest(key, x.Began, fits)
		}
		if parents[i] = n; n >= 0 {
			carried[n] = true
		}
	}
	return parents
}

// asked is what an exchange asks for; nothing if it means nothing, or was cut.
func asked(by Reader, x *history.Exchange) Asked {
	a, _ := by.Request(http1.Target(x.Head))
	return a
}

// meaning is what is left of a request's target by every box: what it asks for
// or, of one that is not for the gateway, its query.
func meaning(by Reader, x *history.Exchange) string {
	if a := asked(by, x); a.Action != Command || a.Token != "" {
		return strings.Join([]string{a.Action, a.Server, a.Token}, " ")
	}
	target := http1.Target(x.Head)
	if _, query, ok := strings.Cut(target, "?"); ok {
		return query
	}
	return target
}

// places are those of exchanges in a list, by what they mean, in the order in
// which they began.
type places struct {
	list []*history.Exchange
	of   map[string][]int
}

func index(list []*history.Exchange, key func(*history.Exchange) string) places {
	p := places{list, map[string][]int{}}
	for i, x := range list {
		k := key(x)
		p.of[k] = append(p.of[k], i)
	}
	return p
}

// latest is the place of the last exchange with that key that had begun by then
// and that fits; -1 if there is none.
func (p places) latest(key string, by time.Duration, fits func(place int) bool) int {
	places := p.of[key]
	after, _ := slices.BinarySearchFunc(places, by+1, func(n int, t time.Duration) int { return int(p.list[n].Began - t) })
	for _, n := range slices.Backward(places[:after]) {
		if fits(n) {
			return n
		}
	}
	return -1
}
