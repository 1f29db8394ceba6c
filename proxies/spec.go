package proxies

import (
	"fmt"
	"strings"
)

// Kind is the sort of box.
type Kind string

// The boxes that New builds.
const (
	Forward   Kind = "forward"   // an explicit HTTP proxy: absolute-form requests, CONNECT
	Intercept Kind = "intercept" // an HTTP proxy that the client knows nothing of
	Relay     Kind = "relay"     // copies bytes, knows no HTTP
)

// Routing is how an intercepting box finds out where a request should go.
type Routing string

// The routings; the empty one means ByHost.
const (
	ByHost                Routing = "host"                 // the request names its server
	ByOriginalDestination Routing = "original-destination" // the address that the client dialled
)

// Spec describes one box. It is plain data: comparable, and one line of text
// that parses and prints back.
type Spec struct {
	Kind    Kind
	Port    int     // where the box listens; 0 means a free port
	Routing Routing // intercepting boxes only
	Quirks  Quirks  // the zero value is a faithful box; relays have none
}

// String is the one-line form, such as `forward plain port 8080`.
func (s Spec) String() string {
	parts := []string{string(s.Kind)}
	if s.Routing != "" {
		parts = append(parts, "by", strings.ReplaceAll(string(s.Routing), "-", " "))
	}
	parts = append(parts, s.Quirks.words()...)
	if s.Port != 0 {
		parts = append(parts, "port", fmt.Sprint(s.Port))
	}
	return strings.Join(parts, " ")
}

// Check tells what no box can be: an unknown kind, a routing or quirks where
// they mean nothing, a port out of range. Its errors are *SpecError.
func (s Spec) Check() error {
	switch {
	case s.Kind != Forward && s.Kind != Intercept && s.Kind != Relay:
		return s.wrong(string(s.Kind), "no such box", kinds())
	case s.Routing != "" && s.Kind != Intercept:
		return s.wrong("by", "only an intercepting box is routed", []string{string(Intercept)})
	case s.Routing != "" && s.Routing != ByHost && s.Routing != ByOriginalDestination:
		return s.wrong(string(s.Routing), "no such routing", routings())
	case s.Port < 0 || s.Port > 65535:
		return s.wrong(fmt.Sprint(s.Port), "no such port", []string{portRange})
	case s.Kind == Relay && s.Quirks != (Quirks{}):
		return s.wrong(s.Quirks.words()[0], "a relay knows no HTTP and has no quirks", []string{"port"})
	}
	return nil
}

// wrong is the error for a Spec that was put together by hand; its text is
// what the Spec prints as.
func (s Spec) wrong(word, problem string, allowed []string) error {
	text := s.String()
	return &SpecError{Text: text, Offset: max(0, strings.Index(text, word)), Word: word, Problem: problem, Allowed: allowed}
}

func kinds() []string { return []string{string(Forward), string(Intercept), string(Relay)} }

func routings() []string { return []string{"host", "original destination"} }

const portRange = "1 to 65535"
