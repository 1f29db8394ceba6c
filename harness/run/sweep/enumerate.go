package sweep

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gauntlet/proxies/fault"
)

// Space is all that can strike a session in one world.
type Space struct {
	World
	Hops []Record // of an undisturbed run there
}

// strike is one fault, and in which class it is: as the requirements read it, and as a
// client's socket sees it.
type strike struct {
	fault         fault.Fault
	class, coarse string
}

// at is a strike with the effect at a place, which either class words in its own way.
func (e classed) at(f fault.Fault, place, roughly string) strike {
	f.Effect = e.Effect
	hop := "hop " + strconv.Itoa(f.Hop) + ": " // a sweep has tens of thousands of these
	return strike{f, hop + place + ": " + e.class, hop + roughly + ": " + e.sight}
}

// point is where those strike.
func (s Space) point(strikes ...strike) Point {
	p := Point{World: s.World}
	var classes []string
	for _, k := range strikes {
		p.Faults = append(p.Faults, k.fault)
		classes = append(classes, k.class)
	}
	p.Class = strings.Join(append([]string{s.gateway(), s.Chain.String()}, classes...), "; ")
	return p
}

// strikes are all single ones, in the order of the session: hop by hop, exchange
// by exchange, from landmark to landmark. Hops of HTTP/2 are left out: what can happen
// to a stream happens to whole requests elsewhere.
func (s Space) strikes() iter.Seq[strike] {
	effects := effectsOf()
	return func(yield func(strike) bool) {
		for hop, r := range s.Hops {
			if slices.Contains(s.Chain.Streams(), hop) {
				continue
			}
			for n := range r.Connections {
				if !attempts(hop, n+1, effects, yield) || !lookups(hop, n+1, effects, yield) {
					return
				}
			}
			for _, e := range r.Exchanges {
				if !e.strikes(hop, effects, yield) {
					return
				}
			}
			if !r.outages(hop, effects, yield) {
				return
			}
		}
	}
}

// attempts are what can happen to the nth connection before anything is said.
func attempts(hop, n int, effects []variety, yield func(strike) bool) bool {
	which := "a later connection"
	if n == 1 {
		which = "the first connection"
	}
	for _, v := range effects {
		if !v.kind.MeansSomethingAt(fault.AtAccept) {
			continue
		}
		f := fault.Fault{Hop: hop, Trigger: fault.Trigger{On: fault.Connection, Ordinal: n}}
		if !yield(v.itself().at(f, which, which)) {
			return false
		}
	}
	return true
}

// lookups are what the nth of them can come to, and all from the first on: for a while, or
// for ever if there is another address to go to. There are no more than connections, and
// there may be fewer.
func lookups(hop, n int, effects []variety, yield func(strike) bool) bool {
	which := "a later look-up"
	if n == 1 {
		which = "the first look-up"
	}
	for _, v := range effects {
		if !v.kind.MeansSomethingAt(fault.AtLookup) {
			continue
		}
		rules := []fault.Often{{}}
		switch {
		case n == 1 && v.kind.IPv6:
			rules = append(rules, fault.Often{Rule: fault.Every, N: 1})
		case n == 1:
			rules = append(rules, fault.Often{Rule: fault.Always, Until: outage})
		}
		for _, often := range rules {
			f := fault.Fault{Hop: hop, Trigger: fault.Trigger{On: fault.Lookup, Ordinal: n}, Landmark: fault.Landmark{At: fault.AtLookup}, Often: often}
			place := strings.TrimSpace(which + " " + often.String())
			if !yield(v.itself().at(f, place, place)) {
				return false
			}
		}
	}
	return true
}

// strikes are what can happen to one exchange.
func (e Exchange) strikes(hop int, effects []variety, yield func(strike) bool) bool {
	for _, l := range e.landmarks() {
		for _, v := range effects {
			if !v.kind.MeansSomethingAt(l.At) {
				continue
			}
			for _, effect := range v.on(e.message(l.At)) {
				f := fault.Fault{Hop: hop, Trigger: e.trigger(l.At), Landmark: l.Landmark}
				if !yield(effect.at(f, e.stateFor(hop, v)+", "+v.reading(l), e.roughly(hop, l))) {
					return false
				}
			}
		}
	}
	return true
}

// trigger is what means the exchange at that place: what its body tells is not known
// before all of it is there.
func (e Exchange) trigger(p fault.Place) fault.Trigger {
	if p < fault.AtForward {
		return e.Early
	}
	return e.Trigger
}

// outage is how long a road is bad that is bad for a while: long enough for a client to
// lose its head or its patience, and not so long that a gateway forgets it.
const outage = 40 * time.Second

// outages are what can go wrong with everything for a while, from the first rest on.
func (r Record) outages(hop int, effects []variety, yield func(strike) bool) bool {
	i := slices.IndexFunc(r.Exchanges, func(e Exchange) bool { return e.Rest > pause })
	if i < 0 {
		return true
	}
	from := (r.Exchanges[i].Began + r.Exchanges[i].Rest/2).Truncate(time.Second)
	while := fault.Often{Rule: fault.Always, From: from, Until: from + outage}
	for _, v := range effects {
		var f fault.Fault
		switch {
		case v.effect.OfAttempts():
			f = fault.Fault{Trigger: fault.Trigger{On: fault.Connection, Ordinal: 1}}
		case !v.named && v.kind.MeansSomethingAt(fault.AtForward):
			f = fault.Fault{Trigger: fault.Trigger{On: fault.Exchange, Word: fault.AnyExchange, Ordinal: 1}, Landmark: fault.Landmark{At: fault.AtForward}}
		default:
			continue
		}
		f.Hop, f.Often = hop, while
		if !yield(v.itself().at(f, "for a while", "for a while")) {
			return false
		}
	}
	return true
}

// message is the one that an effect at that place works on.
func (e Exchange) message(p fault.Place) Message {
	if p <= fault.AtForward {
		return e.Request
	}
	return e.Answer
}

// pause is for how long a connection has rested where a fault waits for that.
const pause = 500 * time.Millisecond

// landmarks are those that the exchange has, in their order.
func (e Exchange) landmarks() []landmark {
	at := func(p fault.Place) landmark { return landmark{fault.Landmark{At: p}, p.String()} }
	list := []landmark{{fault.Landmark{At: fault.AtHead}, partlyAsked}}
	list = append(list, bytesOf(fault.AtRequestByte, e.Request, partlyAsked, partlyAsked, partlyAsked)...)
	list = append(list, at(fault.AtForward), at(fault.AtAnswer), landmark{fault.Landmark{At: fault.AtStatusLine}, headPartly})
	for _, name := range e.Answer.Fields {
		list = append(list, landmark{fault.Landmark{At: fault.AtField, Field: name}, behind(name)})
	}
	list = append(list, bytesOf(fault.AtResponseByte, e.Answer, headPartly, headWhole, bodyPartly)...)
	list = append(list, at(fault.AtEnd))
	if e.Rest > pause {
		list = append(list, landmark{fault.Landmark{At: fault.AtIdle, After: pause}, fault.AtIdle.String()})
	}
	return list
}

// bytesOf are the places within a message that differ: the first byte of the head,
// one in its middle, its end, and of the body the first, the middle and the last
// but one.
func bytesOf(p fault.Place, m Message, head, whole, body string) []landmark {
	places := map[int]string{1: head, m.Head / 2: head, m.Head - 1: head, m.Head: whole}
	if m.Body > 1 {
		for _, n := range []int{1, m.Body / 2, m.Body - 1} {
			places[m.Head+n] = body
		}
	}
	var list []landmark
	for _, n := range slices.Sorted(maps.Keys(places)) {
		if n > 0 {
			list = append(list, landmark{fault.Landmark{At: p, Byte: n}, places[n]})
		}
	}
	return list
}
