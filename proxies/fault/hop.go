package fault

import (
	"slices"
	"time"
)

// Hop is the part of a schedule that one hop has to ask about. A nil Hop has
// no faults. It is safe for concurrent use.
type Hop struct {
	schedule    *Schedule
	number      int
	connections []int // indices of faults, by what tells that they are met
	heads       []int
	bodies      []int
	lookups     []int
	waiting     []int // those that wait for something else
}

// Hop is the schedule's part for hop n; nil when it has no fault there or when
// there is no schedule.
func (s *Schedule) Hop(n int) *Hop {
	if s == nil {
		return nil
	}
	h := &Hop{schedule: s, number: n}
	some := false
	for i, f := range s.faults {
		if f.Hop == n {
			h.add(i, f.Trigger)
			some = true
		}
	}
	if !some {
		return nil
	}
	return h
}

func (h *Hop) add(i int, t Trigger) {
	list := &h.heads
	switch {
	case t.On == Connection:
		list = &h.connections
	case t.On == Lookup:
		list = &h.lookups
	case t.On == Idle, t.On == Moment, t.On == Volume:
		list = &h.waiting
	case t.InBody:
		list = &h.bodies
	}
	*list = append(*list, i)
}

// Connection counts one attempt to connect and gives the faults that strike it;
// since is the time since the run began, here and below.
func (h *Hop) Connection(since time.Duration) []Hit {
	if h == nil {
		return nil
	}
	return h.hits(h.connections, since, nil)
}

// Lookup counts a name that is looked up and gives the faults that strike it.
func (h *Hop) Lookup(since time.Duration) []Hit {
	if h == nil {
		return nil
	}
	return h.hits(h.lookups, since, nil)
}

// Head counts an exchange whose head has arrived, with the labels that the
// head tells, and gives the faults that strike it. Call it once per exchange,
// in the order in which heads arrive.
func (h *Hop) Head(since time.Duration, labels []string) []Hit {
	if h == nil {
		return nil
	}
	return h.hits(h.heads, since, labels)
}

// Body does the same for the faults that only the body tells, once the request
// is complete; labels are those of head and body together.
func (h *Hop) Body(since time.Duration, labels []string, head, body []byte) []Hit {
	if h == nil {
		return nil
	}
	return h.hits(h.bodies, since, labels, head, body)
}

func (h *Hop) hits(list []int, since time.Duration, labels []string, request ...[]byte) []Hit {
	var out []Hit
	for _, i := range list {
		f := h.schedule.faults[i]
		if t := &f.Trigger; since < f.Often.From || t.On == Exchange && !t.matches(labels, request) {
			continue
		}
		if hit, struck := h.schedule.count(i); struck {
			out = append(out, hit)
		}
	}
	return out
}

// Watch is a fault that waits for something else than an exchange or an attempt:
// for a connection to stay idle for After, for the moment After, or for a
// connection to have given the peer Bytes bytes.
type Watch struct {
	Index int
	After time.Duration
	Bytes int
}

// Idles lists the "after idle" faults that can still strike.
func (h *Hop) Idles() []Watch { return h.watches(Idle) }

// Moments lists the "at D" faults.
func (h *Hop) Moments() []Watch { return h.watches(Moment) }

// Volumes lists the "after N bytes" faults that can still strike.
func (h *Hop) Volumes() []Watch { return h.watches(Volume) }

func (h *Hop) watches(on On) (out []Watch) {
	if h == nil {
		return nil
	}
	for _, i := range h.waiting {
		if t := h.schedule.faults[i].Trigger; t.On == on && !h.schedule.spent(i) {
			out = append(out, Watch{Index: i, After: t.After, Bytes: t.Bytes})
		}
	}
	return out
}

// Met counts that what the fault waits for has come; ok reports whether the
// fault strikes.
func (h *Hop) Met(w Watch, since time.Duration) (hit Hit, ok bool) {
	if since < h.schedule.faults[w.Index].Often.From {
		return Hit{}, false
	}
	return h.schedule.count(w.Index)
}

// Struck counts a connection that is open already as one that the faults of that text for
// connections may strike, and gives those that do.
func (h *Hop) Struck(text string, since time.Duration) []Hit {
	return h.struck(since, func(i int) bool { return h.schedule.texts[i] == text })
}

// Since is what strikes a connection of which asked said hits, now that h may be in force in
// its place: without what was taken away, and with what was added, which counts it as one that
// it may strike.
func (h *Hop) Since(asked *Hop, hits []Hit, since time.Duration) []Hit {
	if h == asked {
		return hits
	}
	hits = slices.DeleteFunc(hits, func(hit Hit) bool { return !h.has(hit.Fault) })
	return append(hits, h.struck(since, func(i int) bool { return !asked.has(h.schedule.faults[i]) })...)
}

// struck gives those of the faults for connections that are meant, and strike one that is there.
func (h *Hop) struck(since time.Duration, meant func(i int) bool) (hits []Hit) {
	if h == nil {
		return nil
	}
	for _, i := range h.connections {
		if f := h.schedule.faults[i]; since < f.Often.From || f.Effect.OfAttempts() || !meant(i) {
			continue
		}
		if hit, ok := h.schedule.count(i); ok {
			hits = append(hits, hit)
		}
	}
	return hits
}

// has reports whether the very fault is in force.
func (h *Hop) has(f *Fault) bool { return h != nil && slices.Contains(h.schedule.faults, f) }

// HoldsHead reports whether a request's head must be withheld until it is
// complete: some fault that can still strike has a landmark before forward, so
// that the labels must be known before a byte is handed on.
func (h *Hop) HoldsHead() bool {
	if h == nil {
		return false
	}
	for _, i := range h.heads {
		at := h.schedule.faults[i].Landmark.At
		if (at == AtHead || at == AtRequestByte) && !h.schedule.spent(i) {
			return true
		}
	}
	return false
}

// HoldsRequest reports whether a request must be withheld from its first byte
// on until it is known to be none that a fault keeps from the box.
func (h *Hop) HoldsRequest() bool {
	return h != nil && (h.withholds(h.heads) || h.withholds(h.bodies))
}

// HoldsBody reports whether only the body can tell that.
func (h *Hop) HoldsBody() bool { return h != nil && h.withholds(h.bodies) }

// Any reports whether some fault of the hop is one that is meant.
func (h *Hop) Any(meant func(Fault) bool) bool {
	return h != nil && slices.ContainsFunc(h.schedule.faults, func(f *Fault) bool { return f.Hop == h.number && meant(*f) })
}

func (h *Hop) withholds(list []int) bool {
	for _, i := range list {
		if h.schedule.withholds[i] && !h.schedule.spent(i) {
			return true
		}
	}
	return false
}
