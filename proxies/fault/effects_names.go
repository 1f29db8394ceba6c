package fault

import (
	"slices"
	"time"
)

// Found is what a name leads to, as whoever has looked it up is told.
type Found struct {
	Addresses []string      // in the order in which they are given; none: there is no such name
	After     time.Duration // so long the answer takes
	TTL       time.Duration // so long it may be kept (RFC 1035, section 3.2.1)
}

// Unreached is an IPv6 address that nobody has, of those that RFC 3849 keeps for
// examples: whoever connects to it hears nothing, or is refused.
const Unreached = "2001:db8::80"

// nameEffects are those on a name that is looked up.
func nameEffects() map[string]Kind {
	lookup := []Place{AtLookup}
	return map[string]Kind{
		"no such name": {At: lookup, Doc: "whoever asks is told that there is no such name", Fire: leading(func(f Found, _ args) Found { f.Addresses = nil; return f })},
		"lead to": {At: lookup, Arguments: []Argument{{Name: "numeric address", Form: Address}},
			Doc: "the name leads to that address and to no other", Fire: leading(func(f Found, a args) Found { f.Addresses = []string{a.text(0)}; return f })},
		"late": {At: lookup, Arguments: []Argument{{Name: "time", Form: Duration}},
			Doc: "the answer takes so long", Fire: leading(func(f Found, a args) Found { f.After += a.duration(0); return f })},
		"ttl": {At: lookup, Arguments: []Argument{{Name: "time", Form: Duration}},
			Doc: "the answer is good for so long and says so: whoever asks again within it is told the same, as by a name server that keeps it", Fire: leading(keep)},
		"ipv6 first dead": {IPv6: true, Unanswered: true, At: lookup,
			Doc: "an IPv6 address comes before the others, and each attempt to connect to it is lost", Fire: leading(ipv6First)},
		"ipv6 first refused": {IPv6: true, At: lookup,
			Doc: "an IPv6 address comes before the others, and each attempt to connect to it is refused", Fire: leading(ipv6First)},
	}
}

// keep leaves an answer that is kept already to its own time.
func keep(f Found, a args) Found {
	if f.TTL == 0 {
		f.TTL = a.duration(0)
	}
	return f
}

func ipv6First(f Found, _ args) Found {
	f.Addresses = slices.Insert(slices.Clone(f.Addresses), 0, Unreached)
	return f
}

// leading is an effect that changes what is found.
func leading(change func(Found, args) Found) func(Injection, args) {
	return func(i Injection, a args) { i.Lead(func(f Found) Found { return change(f, a) }) }
}
