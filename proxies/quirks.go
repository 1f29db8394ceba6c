package proxies

import (
	"maps"
	"slices"
	"time"
)

// Quirks is how a box departs from the faithful one; the zero value departs in
// nothing. Each field is explained in the file that is named after its word.
type Quirks struct {
	Cancels               bool          // cancels: the request upstream when the client leaves
	CanonicalNames        bool          // canonical-names: spells and orders header fields its own way
	CompletesCut          bool          // completes-cut: hides that a chunked answer was cut
	FailureStatus         int           // failure-status: for every upstream failure; 0 means 502 or 504
	InventsAcceptEncoding bool          // invents-accept-encoding: asks for gzip and unpacks it
	InventsFields         bool          // invents-fields: User-Agent, Cache-Control, Date, Content-Type
	PassesHopByHop        bool          // passes-hop-by-hop: fields meant for one hop only
	PoolPerHost           int           // pool-per-host: idle connections kept to one server; 0 means plenty
	Reframes              bool          // reframes: turns chunks into a length and the other way round
	UpstreamTimeout       time.Duration // upstream-timeout: for dialling and for an answer to begin; 0 means two minutes
}

// quirk is one word of a spec's text.
type quirk struct {
	parse func(*Quirks, *scanner) error
	print func(Quirks) string // what follows the word; "" for a bare word
	isSet func(Quirks) bool
}

// quirkWords is the registry: the word in a spec's text, and what it sets.
func quirkWords() map[string]quirk {
	return map[string]quirk{
		"cancels":                 flag(func(q *Quirks) *bool { return &q.Cancels }),
		"canonical-names":         flag(func(q *Quirks) *bool { return &q.CanonicalNames }),
		"completes-cut":           flag(func(q *Quirks) *bool { return &q.CompletesCut }),
		"failure-status":          number(func(q *Quirks) *int { return &q.FailureStatus }, 400, 599),
		"invents-accept-encoding": flag(func(q *Quirks) *bool { return &q.InventsAcceptEncoding }),
		"invents-fields":          flag(func(q *Quirks) *bool { return &q.InventsFields }),
		"passes-hop-by-hop":       flag(func(q *Quirks) *bool { return &q.PassesHopByHop }),
		"plain":                   bundle(goproxyPlain()),
		"pool-per-host":           number(func(q *Quirks) *int { return &q.PoolPerHost }, 1, 10000),
		"reframes":                flag(func(q *Quirks) *bool { return &q.Reframes }),
		"upstream-timeout":        duration(func(q *Quirks) *time.Duration { return &q.UpstreamTimeout }),
	}
}

func quirkNames() []string { return slices.Sorted(maps.Keys(quirkWords())) }

// words prints the quirks, those of a bundle as the bundle's one word.
func (q Quirks) words() []string {
	var out []string
	if q.contains(goproxyPlain()) {
		out, q = append(out, "plain"), q.without(goproxyPlain())
	}
	for _, name := range quirkNames() {
		k := quirkWords()[name]
		if name == "plain" || !k.isSet(q) {
			continue
		}
		out = append(out, name)
		if value := k.print(q); value != "" {
			out = append(out, value)
		}
	}
	return out
}
