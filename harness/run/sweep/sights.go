package sweep

import (
	"slices"
	"strings"

	"gauntlet/proxies/fault"
)

// sight is what a client's socket sees of an effect, and the first words of all
// effects that look so.
type sight struct {
	is   string
	from []string
}

// sights are all, in an order in which the first that fits is meant.
var sights = []sight{
	{"other bytes", []string{"corrupt", "drop body"}},
	{"a field less", []string{"drop header"}},
	{"the box takes the client for gone", []string{"half-close to box"}},
	{"late", []string{"stall for", "lose flow to client for", "lose flow to box for", "delay", "bandwidth", "dribble", "hold", "coalesce"}},
	{"nothing more", []string{"stall", "blackhole", "swallow", "forget flow", "lose flow", "cut box", "reset box", "drop"}},
	{"RST", []string{"reset", "kill flow", "reject flow", "limit 200 bytes then reset", "refuse"}},
	{"the end", []string{"close", "cut client", "half-close", "limit", "truncate"}},
	{"a rest that is asked for", []string{`status 503 with "Retry-After`, `status 429 with "Retry-After`}},
	{"a refusal", []string{"status 4"}},
	{"an error of a box", []string{"status 5"}},
	{"a page", []string{"portal", "redirect"}},
	{"an answer to something else", []string{"cached", "crossed answer", "stale answer"}},
	{"something twice", []string{"repeat", "answer twice", "surplus"}},
	{"an interim answer", []string{"continue", "interim"}},
	{"a length that lies", []string{"length wrong", "length differs", "chunked with wrong-size", "chunked with no-end"}},
	{"a length told in another way", []string{"length", "chunked", "http1.0", "gzip"}},
	{"a head in other words", []string{"recase header", "lower-case headers", "reorder headers", "fold header", "add header", "large head", "duplicate header"}},
}

// sightOf is what a client's socket sees of the effect, on a field or none: of what
// changes a field of the protocol that field, and of what is like nothing else its
// name.
func sightOf(e fault.Effect, field string) string {
	text, of := e.String(), ""
	if extension(field) {
		of = " of " + fieldClass(field)
	}
	for _, s := range sights {
		if slices.ContainsFunc(s.from, func(words string) bool { return strings.HasPrefix(text, words) }) {
			return s.is + of
		}
	}
	return e.Name + of
}

// roughly is a place as a client's socket sees it: beyond the first box it is not even
// known what was asked.
func (e Exchange) roughly(hop int, l landmark) string {
	if hop > 0 {
		return l.part()
	}
	return e.Kind + ", " + l.part()
}

// part is how much of an exchange has come by then.
func (l landmark) part() string {
	switch {
	case l.At <= fault.AtForward:
		return "asked"
	case l.At == fault.AtAnswer:
		return "about to be answered"
	case l.At < fault.AtEnd:
		return "partly answered"
	case l.At == fault.AtEnd:
		return "answered"
	}
	return "at rest"
}
