package proxies

import (
	"fmt"
	"slices"
	"strings"
)

// Check tells what no box can be: an unknown kind, a routing or a quirk where
// it means nothing, a port out of range, a change without a time. Its errors
// are *SpecError.
func (s Spec) Check() error {
	_, known := sorts()[s.Kind]
	switch {
	case !known:
		return s.wrong(string(s.Kind), "no such box", kinds())
	case s.Routing != "" && s.Kind != Intercept:
		return s.wrong("by", "only an intercepting box is routed", []string{string(Intercept)})
	case s.Routing != "" && s.Routing != ByHost && s.Routing != ByOriginalDestination:
		return s.wrong(string(s.Routing), "no such routing", routings())
	case s.Port < 0 || s.Port > 65535:
		return s.wrong(fmt.Sprint(s.Port), "no such port", []string{portRange})
	}
	if err := s.checkQuirks(); err != nil {
		return err
	}
	return s.checkThen()
}

func (s Spec) checkQuirks() error {
	for name, q := range quirkWords() {
		if q.isSet(s.Quirks) && !q.means(s.Kind) && name != plainWord {
			return s.wrong(name, "means nothing for this box", s.Kind.vocabulary())
		}
	}
	return nil
}

func (s Spec) checkThen() error {
	switch {
	case s.Then == nil && s.For != 0:
		return s.wrong("for", "nothing is said of what comes then", []string{"then"})
	case s.Then == nil:
		return nil
	case s.For <= 0:
		return s.wrong("then", "a change needs the time for which the box stands before it", []string{"for D then"})
	case s.Then.Port != 0:
		return s.wrong("port", "what follows stands on the same port", nil)
	}
	return s.Then.Check()
}

// wrong is the error for a Spec that was put together by hand; its text is
// what the Spec prints as.
func (s Spec) wrong(word, problem string, allowed []string) error {
	text := s.String()
	return &SpecError{Text: text, Offset: max(0, strings.Index(text, word)), Word: word, Problem: problem, Allowed: allowed}
}

// vocabulary lists the words that may follow the kind.
func (k Kind) vocabulary() []string {
	words := []string{"port", "for"}
	if k == Intercept {
		words = append(words, "by")
	}
	for _, name := range quirkNames() {
		if quirkWords()[name].means(k) {
			words = append(words, name)
		}
	}
	slices.Sort(words)
	return words
}
