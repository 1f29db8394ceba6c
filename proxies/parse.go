package proxies

import (
	"maps"
	"slices"
	"strconv"
	"time"
)

// Profiles are boxes with names, such as squid: what `profile squid` stands
// for in a text. The caller brings them; nil has none.
type Profiles map[string]Spec

// Words of the text beside kinds and quirks.
const (
	profileWord = "profile"
	plainWord   = "plain"
)

// ParseSpec reads the one-line form of a box: its kind, then in any order
// `by host` or `by original destination`, quirks, and `port N`; or a profile
// and its port. What changes on the way follows after `for D then`:
//
//	forward port 3128
//	forward plain port 8080
//	intercept by original destination
//	profile squid port 3128
//	forward port 8080 for 10s then portal for 1m then forward
//
// Errors are *SpecError.
func (p Profiles) ParseSpec(text string) (Spec, error) {
	return p.parse(scan(text, 0, len(text)))
}

// ParseSpec is Profiles.ParseSpec without profiles.
func ParseSpec(text string) (Spec, error) { return Profiles(nil).ParseSpec(text) }

func (p Profiles) parse(s *scanner) (Spec, error) {
	spec, err := p.head(s)
	given := map[string]bool{}
	for err == nil && s.more() {
		w := s.next().text
		if given[w] {
			return Spec{}, s.wrong("given twice")
		}
		given[w] = true
		if w == "for" {
			return p.then(spec, s)
		}
		err = spec.clause(w, s)
	}
	if err != nil {
		return Spec{}, err
	}
	return spec, nil
}

// head reads the kind, or the name of a profile.
func (p Profiles) head(s *scanner) (Spec, error) {
	if s.take(profileWord) {
		name := s.next().text
		spec, known := p[name]
		if !known {
			return Spec{}, s.wrong("no such profile", slices.Sorted(maps.Keys(p))...)
		}
		spec.Profile = name
		return spec, nil
	}
	kind := Kind(s.next().text)
	if _, known := sorts()[kind]; !known {
		return Spec{}, s.wrong("no such box", append(kinds(), profileWord)...)
	}
	return Spec{Kind: kind}, nil
}

// then reads what stands at the same place later.
func (p Profiles) then(spec Spec, s *scanner) (Spec, error) {
	d, err := time.ParseDuration(s.next().text)
	if err != nil || d <= 0 {
		return Spec{}, s.wrong("not a time", timeExample)
	}
	if !s.take("then") {
		s.next()
		return Spec{}, s.wrong("nothing is said of what comes then", "then")
	}
	at := s.words
	next, err := p.parse(s)
	if err == nil && next.Port != 0 {
		err = s.blame(at, "port", "what follows stands on the same port")
	}
	if err != nil {
		return Spec{}, err
	}
	spec.For, spec.Then = d, &next
	return spec, nil
}

// clause reads one part of the text after the kind.
func (s *Spec) clause(w string, sc *scanner) error {
	quirk, known := quirkWords()[w]
	switch {
	case w == "port":
		return s.parsePort(sc)
	case s.Profile != "":
		return sc.wrong("a profile is a whole; write out the box to change it", "port", "for")
	case w == "by" && s.Kind == Intercept:
		return s.parseRouting(sc)
	case known && quirk.means(s.Kind):
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
