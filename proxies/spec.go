package proxies

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gauntlet/proxies/syntax"
)

// Routing is how an intercepting box finds out where a request should go.
type Routing string

// The routings; the empty one means ByHost.
const (
	ByHost                Routing = "host"                 // the request names its server
	ByOriginalDestination Routing = "original-destination" // the address that the client dialled
)

// Spec describes one box. It is plain data, one line of text that parses and
// prints back; two specs are the same if their texts are.
type Spec struct {
	Kind    Kind
	Profile string   // the name of the profile that Kind, Routing and Quirks are taken from
	Port    int      // where the box listens; 0 means the kind's own
	IPv6    bool     // it listens at an address of that family; boxes that clients are told of only
	Routing Routing  // intercepting boxes only
	Quirks  Settings // none: a faithful box
	// For and Then make a path that changes: after For the box at this place is
	// Then, on the same port. Nil ends it.
	For  time.Duration
	Then *Spec
}

// String is the one-line form, such as `forward plain port 8080` or
// `forward for 10s then portal`.
func (s Spec) String() string {
	parts := s.self()
	if s.Port != 0 {
		parts = append(parts, "port", fmt.Sprint(s.Port))
	}
	if s.IPv6 {
		parts = append(parts, ipv6Word)
	}
	if s.Then != nil {
		parts = append(parts, "for", s.For.String(), "then", s.Then.String())
	}
	return strings.Join(parts, " ")
}

// self is what the box is, without its port and what follows.
func (s Spec) self() []string {
	if s.Profile != "" {
		return []string{profileWord, s.Profile}
	}
	parts := []string{string(s.Kind)}
	if s.Routing != "" {
		parts = append(parts, "by", strings.ReplaceAll(string(s.Routing), "-", " "))
	}
	return append(parts, s.Quirks.words()...)
}

// ListenPort is the port where the box listens.
func (s Spec) ListenPort() int {
	if s.Port != 0 {
		return s.Port
	}
	return s.Kind.DefaultPort()
}

// Credentials are the user:password that the box wants of its clients, or the
// user alone of one that speaks SOCKS; "" if it wants none.
func (s Spec) Credentials() string {
	for _, word := range []string{basicWord, digestWord, ntlmWord, loginWord} {
		if login, wants := s.Quirks.find(word); wants {
			login, _, _ = strings.Cut(login, " ") // digest says for how long
			return login
		}
	}
	return ""
}

// WithCredentials returns the spec of a box that wants these, in the way of its
// kind.
func (s Spec) WithCredentials(user, password string) Spec {
	word := basicWord
	if s.Kind.IsSOCKS() {
		word = loginWord
	}
	s.Quirks = s.Quirks.With(Setting{word, user + ":" + password})
	return s
}

// Addresses is how many networks the box needs to dial on; 0 if its own is
// enough.
func (s Spec) Addresses() int {
	argument, _ := s.Quirks.find(egressWord)
	n, _ := strconv.Atoi(argument) // "" is 0
	return n
}

// Machines is over how many machines the box spreads what it sends; 0 if it does not.
func (s Spec) Machines() int {
	argument, _ := s.Quirks.find(balancesWord)
	over, _, _ := strings.Cut(argument, " ")
	n, _ := strconv.Atoi(over) // "" is 0
	return n
}

// LosesAttempts reports whether the box, at any time, leaves those who connect
// without an answer; see Options.Unplug.
func (s Spec) LosesAttempts() bool {
	return slices.ContainsFunc(s.Phases(), func(p Spec) bool { _, out := p.Quirks.find(unpluggedWord); return out })
}

// speaksHTTP2 reports whether the box, at any time, speaks it with what comes next.
func (s Spec) speaksHTTP2() bool {
	return slices.ContainsFunc(s.Phases(), func(p Spec) bool { _, speaks := p.Quirks.find(upstreamHTTP2Word); return speaks })
}

// takesHTTP2 reports whether the box can be behind one that does: it reads requests,
// whenever there is anybody.
func (s Spec) takesHTTP2() bool {
	return !slices.ContainsFunc(s.Phases(), func(p Spec) bool { return p.Kind != Forward && p.Kind != Intercept && p.Kind != Down })
}

func (s Spec) wantsCredentials() bool {
	return !s.Kind.IsSOCKS() && s.Credentials() != ""
}

// carries reports whether the box, at any time, copies bytes to one target.
func (s Spec) carries() bool {
	for _, p := range s.Phases() {
		if p.Kind == Relay {
			return true
		}
	}
	return false
}

// Phases are the boxes that stand at this place one after the other, each
// without what follows it.
func (s Spec) Phases() []Spec {
	alone := s
	alone.For, alone.Then = 0, nil
	if s.Then == nil {
		return []Spec{alone}
	}
	return append([]Spec{alone}, s.Then.Phases()...)
}

// routings are what may follow the word `by`.
func routings() []string { return []string{"host", "original destination"} }

const portRange = "1 to 65535"

// Check reports what no box can be: an unknown kind, a routing or a quirk where
// it means nothing, a port out of range, a change without a time. Its errors
// are *syntax.Error.
func (s Spec) Check() error {
	_, known := registry()[s.Kind]
	switch {
	case !known:
		return s.wrong(string(s.Kind), "no such box", kinds())
	case s.Routing != "" && s.Kind != Intercept:
		return s.wrong("by", "only an intercepting box is routed", []string{string(Intercept)})
	case s.Routing != "" && s.Routing != ByHost && s.Routing != ByOriginalDestination:
		return s.wrong(string(s.Routing), "no such routing", routings())
	case s.IPv6 && !s.Kind.Explicit():
		return s.wrong(ipv6Word, "nobody is told where this box listens", explicitKinds())
	case s.Port < 0 || s.Port > 65535:
		return s.wrong(fmt.Sprint(s.Port), "no such port", []string{portRange})
	}
	if word, problem, allowed := s.Quirks.flaw(s.Kind); problem != "" {
		return s.wrong(word, problem, allowed)
	}
	return s.checkThen()
}

func (s Spec) checkThen() error {
	switch {
	case s.Then == nil && s.For != 0:
		return s.wrong("for", "nothing is said of what comes then", []string{"then"})
	case s.Then == nil:
		return nil
	case s.For <= 0:
		return s.wrong("then", "a change needs the time for which the box stands before it", []string{"for D then"})
	case s.Then.IPv6:
		return s.wrong(ipv6Word, "what follows stands at the same address", nil)
	case s.Then.Port != 0:
		return s.wrong("port", "what follows stands on the same port", nil)
	}
	return s.Then.Check()
}

// wrong is the error for a Spec that was put together by hand; its text is
// what the Spec prints as.
func (s Spec) wrong(word, problem string, allowed []string) error {
	text := s.String()
	return &syntax.Error{In: "box", Text: text, Offset: max(0, strings.Index(text, word)), Word: word, Problem: problem, Allowed: allowed}
}
