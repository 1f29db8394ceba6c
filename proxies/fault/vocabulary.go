package fault

import (
	"maps"
	"slices"
	"strconv"
)

// Vocabulary is what a fault's line may speak of besides the fixed words. Its
// words must have no spaces, commas or colons in them.
type Vocabulary struct {
	Head       []string // words for exchanges that the request head tells: poll, open
	Body       []string // words for exchanges that only the complete body tells: MSG, OUT
	Qualifiers []string // what may stand before a word: NS, SB, a user's name
	Hops       int      // number of hops; 0 = unchecked
	Streams    []int    // the hops at which requests are streams of HTTP/2
}

// isWord reports whether w names exchanges.
func (v Vocabulary) isWord(w string) bool {
	return w == AnyExchange || slices.Contains(v.Head, w) || slices.Contains(v.Body, w)
}

// inBody reports whether w, which names exchanges, is known only when the body is
// complete.
func (v Vocabulary) inBody(w string) bool {
	return w != AnyExchange && !slices.Contains(v.Head, w)
}

// afterOn lists what may follow "on" and the qualifiers already read.
func (v Vocabulary) afterOn(read []string) []string {
	out := append([]string{AnyExchange}, v.Head...)
	out = append(out, v.Body...)
	if len(read) == 0 {
		out = append(out, slices.Sorted(maps.Keys(counted))...)
	}
	for _, q := range v.Qualifiers {
		if !contains(read, q) {
			out = append(out, q)
		}
	}
	return out
}

// OverHTTP2 is what is wrong with a word at a hop at which requests are streams.
const OverHTTP2 = "this hop speaks HTTP/2, where a request is a stream among others, and this is about the bytes or the connections of HTTP/1: name another hop, or take upstream-http2 from the box before it"

// ofStreams are the places that the life of a stream has.
var ofStreams = []Place{AtHead, AtForward, AtAnswer}

func (v Vocabulary) hopNumbers() []string {
	var out []string
	for n := range v.Hops {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

func contains(list []string, w string) bool { return slices.Contains(list, w) }
