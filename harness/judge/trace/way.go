package trace

import (
	"cmp"
	"hash/maphash"
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
	known := newPlaces(last)
	for i, x := range last {
		if x.Received {
			known.put(kind{asked(w.reader, x).Token, whole, known.sum(x.Body)}, i)
		}
	}
	for i := range events {
		ev := &events[i]
		switch ev.Kind {
		case history.Processed, history.Repeated, history.Rejected:
			if n := known.latest(kind{ev.ID, whole, known.sum(ev.Data)}, ev.At); n >= 0 {
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
	known := newPlaces(before)
	for i, x := range before {
		means := meaning(by, x)
		known.put(kind{means: means}, i)
		if x.Received {
			known.put(kind{means, whole, known.sum(x.Body)}, i)
		} else {
			known.put(kind{means: means, came: inPart}, i)
		}
	}
	parents := make([]int, len(here))
	for i, x := range here {
		means := meaning(by, x)
		fit := []kind{{means: means}}
		if x.Received {
			fit = []kind{{means, whole, known.sum(x.Body)}, {means: means, came: inPart}}
		}
		n := -1
		for _, find := range []func(kind, time.Duration) int{known.free, known.latest} {
			for _, k := range fit {
				n = max(n, find(k, x.Began))
			}
			if n >= 0 {
				known.taken[n] = true
				break
			}
		}
		parents[i] = n
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

// places are those of exchanges in a list, by their kinds, in the order in which they
// began. However many are of one kind, to find the latest takes a few steps.
type places struct {
	list  []*history.Exchange
	of    map[kind]*row
	taken []bool // those that free finds no more
	seed  maphash.Seed
}

// kind is what exchanges have in common that may be the same request.
type kind struct {
	means string
	came  came
	body  uint64 // of those that came whole: a hash, which nobody can foresee
}

// came says how much of a request came, where that is asked.
type came int

const (
	whole came = iota + 1
	inPart
)

// row is the places of one kind.
type row struct {
	places []int
	before []int // of each that is taken: one before it behind which all are
}

func newPlaces(list []*history.Exchange) *places {
	return &places{list, map[kind]*row{}, make([]bool, len(list)), maphash.MakeSeed()}
}

func (p *places) sum(body []byte) uint64 { return maphash.Bytes(p.seed, body) }

// put notes the kind of the exchange at a place, which is behind those noted so far.
func (p *places) put(k kind, place int) {
	r := p.of[k]
	if r == nil {
		r = &row{}
		p.of[k] = r
	}
	r.before = append(r.before, len(r.places)-1)
	r.places = append(r.places, place)
}

// begun is how many of a row had begun by then.
func (p *places) begun(r *row, by time.Duration) int {
	n, _ := slices.BinarySearchFunc(r.places, by+1, func(n int, t time.Duration) int { return cmp.Compare(p.list[n].Began, t) })
	return n
}

// latest is the place of the last exchange of that kind that had begun by then; -1
// if there is none.
func (p *places) latest(k kind, by time.Duration) int {
	r := p.of[k]
	if r == nil {
		return -1
	}
	if n := p.begun(r, by); n > 0 {
		return r.places[n-1]
	}
	return -1
}

// free is latest among those that are not taken. What it had to pass it remembers.
func (p *places) free(k kind, by time.Duration) int {
	r := p.of[k]
	if r == nil {
		return -1
	}
	last := p.begun(r, by) - 1
	found := last
	for found >= 0 && p.taken[r.places[found]] {
		found = r.before[found]
	}
	for last > found {
		last, r.before[last] = r.before[last], found
	}
	if found < 0 {
		return -1
	}
	return r.places[found]
}
