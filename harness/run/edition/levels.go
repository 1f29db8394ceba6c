package edition

import (
	"slices"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/proxies"
)

// What each of these asks of a client stands in asked.
const (
	Core        = "Core"
	Proxy       = "Proxy"
	Intercepted = "Intercepted"
	Resilient   = "Resilient"
	Hostile     = "Hostile"
)

// levels are those of an edition that is frozen today, without their cases: for
// whoever can be asked for everything, and once more for a client that only
// connects, of which less can be asked.
func levels() []Level {
	list := asked()
	for _, l := range asked() {
		l.Name, l.For = named(l.Name, adapter.BlackBox), adapter.BlackBox
		list = append(list, l)
	}
	return list
}

// Asked is the kind of client whose levels are those of a kind: whoever is driven
// can be asked for the same as one of ours.
func Asked(kind adapter.Kind) adapter.Kind {
	if kind == adapter.Driven {
		return adapter.InProcess
	}
	return kind
}

// named is the name of a level for a kind of client.
func named(level string, kind adapter.Kind) string {
	if kind == adapter.BlackBox && level != "" {
		return level + ", black box"
	}
	return level
}

// asked is what the levels ask.
func asked() []Level {
	return []Level{
		{Name: Core, Asks: "speaks the protocol with the gateway itself, undisturbed"},
		{Name: Proxy, Asks: "goes through the proxies that it is told of, whatever their habits"},
		{Name: Intercepted, Asks: "goes through proxies that it knows nothing of"},
		{Name: Resilient, Asks: "keeps its session when connections break, stall or slow down, and when the path changes"},
		{Name: Hostile, Asks: "bears messages that were changed, repeated or made up on the way, and gateways that are odd"},
	}
}

// flow are the effects that act on a connection and leave messages as they are.
func flow() []string {
	return []string{"bandwidth", "blackhole", "close", "close later", "coalesce", "cut", "delay", "delay end", "dribble", "forget flow", "half-close", "hold",
		"kill flow", "limit", "lose flow", "refuse", "reject flow", "reset", "reset later", "stall", "swallow"}
}

// levelOf is the level that a case belongs to; none if it asks for nothing that
// a client must do.
func levelOf(c catalogue.Case) string {
	switch {
	case c.Level != "" && c.Level != requirement.Must:
		return ""
	case c.Dialect != catalogue.DefaultDialect || len(c.Knobs) > 0 || tampered(c):
		return Hostile
	case len(c.Faults) > 0 || slices.ContainsFunc(c.Chain, changes):
		return Resilient
	case slices.ContainsFunc(c.Chain, func(s proxies.Spec) bool { return s.Kind == proxies.Intercept }):
		return Intercepted
	case len(c.Chain) > 0:
		return Proxy
	}
	return Core
}

// tampered reports whether messages come to the client otherwise than they were
// sent.
func tampered(c catalogue.Case) bool {
	for _, f := range c.Faults {
		if !slices.Contains(flow(), f.Effect.Name) {
			return true
		}
	}
	return slices.ContainsFunc(c.Chain, func(s proxies.Spec) bool {
		return slices.ContainsFunc(s.Phases(), func(p proxies.Spec) bool { return p.Kind == proxies.Portal })
	})
}

// changes reports whether another box stands in this one's place after a while.
func changes(s proxies.Spec) bool { return s.Then != nil }

// unnamed are the boxes of a chain in words, profiles by what they stand for.
func unnamed(chain proxies.Chain) []string {
	var words []string
	for _, spec := range chain {
		words = append(words, withoutProfile(spec).String())
	}
	return words
}

func withoutProfile(s proxies.Spec) proxies.Spec {
	s.Profile = ""
	if s.Then != nil {
		then := withoutProfile(*s.Then)
		s.Then = &then
	}
	return s
}
