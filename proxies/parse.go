package proxies

import (
	"slices"
	"strconv"
)

// ParseSpec reads the one-line form of a box: its kind, then in any order
// `by host` or `by original destination`, quirks, and `port N`:
//
//	forward port 3128
//	forward plain port 8080
//	intercept by original destination
//	relay port 8080
//
// Errors are *SpecError.
func ParseSpec(text string) (Spec, error) {
	return parseSpec(scan(text, 0, len(text)))
}

func parseSpec(s *scanner) (Spec, error) {
	spec := Spec{Kind: Kind(s.next().text)}
	if !slices.Contains(kinds(), string(spec.Kind)) {
		return Spec{}, s.wrong("no such box", kinds()...)
	}
	given := map[string]bool{}
	for s.more() {
		w := s.next().text
		if given[w] {
			return Spec{}, s.wrong("given twice")
		}
		given[w] = true
		if err := spec.clause(w, s); err != nil {
			return Spec{}, err
		}
	}
	return spec, nil
}

// clause reads one part of the text after the kind.
func (s *Spec) clause(w string, sc *scanner) error {
	quirk, known := quirkWords()[w]
	switch {
	case w == "port":
		return s.parsePort(sc)
	case w == "by" && s.Kind == Intercept:
		return s.parseRouting(sc)
	case known && s.Kind != Relay:
		return quirk.parse(&s.Quirks, sc)
	}
	return sc.wrong("no such word for this box", s.Kind.vocabulary()...)
}

func (s *Spec) parsePort(sc *scanner) error {
	port, err := strconv.Atoi(sc.next().text)
	if err != nil || port < 1 || port > 65535 {
		return sc.wrong("no such port", portRange)
	}
	s.Port = port
	return nil
}

func (s *Spec) parseRouting(sc *scanner) error {
	switch w := sc.next().text; {
	case w == "host":
		s.Routing = ByHost
	case w == "original" && sc.take("destination"):
		s.Routing = ByOriginalDestination
	default:
		return sc.wrong("no such routing", routings()...)
	}
	return nil
}

// vocabulary lists the words that may follow the kind.
func (k Kind) vocabulary() []string {
	switch k {
	case Relay:
		return []string{"port"}
	case Intercept:
		return append([]string{"port", "by"}, quirkNames()...)
	}
	return append([]string{"port"}, quirkNames()...)
}
