package proxies

import (
	"fmt"
	"strings"
	"time"
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
	Profile string  // the name of the profile that Kind, Routing and Quirks are taken from
	Port    int     // where the box listens; 0 means the kind's own
	Routing Routing // intercepting boxes only
	Quirks  Quirks  // the zero value is a faithful box
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

func routings() []string { return []string{"host", "original destination"} }

const portRange = "1 to 65535"
