package proxies

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gauntlet/proxies/syntax"
)

// Profiles are boxes with names, such as squid: what `profile squid` stands
// for in a text. The caller brings them; nil has none. They are read when a text
// names one, and no sooner: most have no need of them.
type Profiles func() (map[string]Spec, error)

// named finds a profile; known are the names that there are.
func (p Profiles) named(name string) (spec Spec, found bool, known []string, err error) {
	if p == nil {
		return Spec{}, false, nil, nil
	}
	all, err := p()
	spec, found = all[name]
	return spec, found, slices.Sorted(maps.Keys(all)), err
}

// Words of the text that others ask for.
const (
	profileWord = "profile"
	plainWord   = "plain"
	basicWord   = "basic"
	digestWord  = "digest"
	ntlmWord    = "ntlm"
	egressWord  = "egress"
	loginWord   = "login"

	unpluggedWord = "unplugged"
	balancesWord  = "balances"
	ipv6Word      = "ipv6"

	upstreamHTTP2Word = "upstream-http2"
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
// Errors are *syntax.Error.
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
		spec, found, known, err := p.named(name)
		switch {
		case err != nil:
			return Spec{}, err
		case !found:
			return Spec{}, s.wrong("no such profile", known...)
		}
		spec.Profile = name
		return spec, nil
	}
	kind := Kind(s.next().text)
	if _, known := registry()[kind]; !known {
		return Spec{}, s.wrong("no such box", append(kinds(), profileWord)...)
	}
	return Spec{Kind: kind}, nil
}

// then parses the box that replaces this one after a delay.
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
	quirk, known := quirkOf(w)
	switch {
	case w == "port":
		return s.parsePort(sc)
	case w == ipv6Word && s.Kind.Explicit():
		s.IPv6 = true
		return nil
	case s.Profile != "":
		return sc.wrong("a profile is a whole; write out the box to change it", "port", "for")
	case w == "by" && s.Kind == Intercept:
		return s.parseRouting(sc)
	case known && quirk.means(s.Kind):
		return s.parseQuirk(quirk, sc)
	}
	return sc.wrong("no such word for this box", s.Kind.vocabulary()...)
}

func (s *Spec) parseQuirk(q Quirk, sc *scanner) error {
	more, at := q.bundle, sc.last
	if more == nil {
		printed, _, err := q.effect.read(sc)
		if err != nil {
			return err
		}
		more = []Setting{{q.Word, printed}}
	}
	s.Quirks = s.Quirks.With(more...)
	for _, one := range s.Quirks {
		if s.Quirks.lost(one.Word) {
			sc.last = at
			return sc.wrong(one.Word + lostProblem)
		}
	}
	return nil
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

// word is one word of a spec and the place where it begins in the whole text.
type word struct {
	text   string
	offset int
}

// scanner walks over the words of text[from:to]; errors speak of all of text.
type scanner struct {
	text  string
	words []word
	end   int
	last  word // the word that next gave
}

func scan(text string, from, to int) *scanner {
	s := &scanner{text: text, end: to, last: word{offset: to}}
	for at := from; at < to; {
		rest := text[at:to]
		at += len(rest) - len(strings.TrimLeft(rest, " \t"))
		n := strings.IndexAny(text[at:to]+" ", " \t")
		if n > 0 {
			s.words = append(s.words, word{text[at : at+n], at})
		}
		at += n
	}
	return s
}

func (s *scanner) more() bool { return len(s.words) > 0 }

// next takes a word; at the end it is the empty word.
func (s *scanner) next() word {
	s.last = word{offset: s.end}
	if s.more() {
		s.last, s.words = s.words[0], s.words[1:]
	}
	return s.last
}

// take consumes the next word if it is the wanted one.
func (s *scanner) take(wanted string) bool {
	if s.more() && s.words[0].text == wanted {
		s.next()
		return true
	}
	return false
}

// wrong blames the word that next gave last.
func (s *scanner) wrong(problem string, allowed ...string) error {
	return &syntax.Error{In: "box", Text: s.text, Offset: s.last.offset, Word: s.last.text, Problem: problem, Allowed: allowed}
}

// blame is wrong for the first of words that is the one.
func (s *scanner) blame(words []word, one, problem string) error {
	for _, w := range words {
		if w.text == one {
			s.last = w
			break
		}
	}
	return s.wrong(problem)
}
