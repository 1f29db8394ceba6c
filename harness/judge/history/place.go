package history

import (
	"fmt"
	"slices"
	"strings"
)

// place is a set of the fields of an event that depend on its kind.
type place uint32

const (
	hop place = 1 << iota
	conn
	exchange
	user
	server
	session
	id
	newID
	action
	status
	labels
	fault
	by
	how
	given
	text
	data
)

// placeNames are the places as JSON names them, in order.
var placeNames = [...]string{
	"hop", "conn", "exchange", "user", "server", "session", "id", "newId", "action",
	"status", "labels", "fault", "by", "how", "given", "text", "data",
}

// Names are the names of the places in the set, as JSON names them.
func (p place) Names() []string {
	names := []string{}
	for i, name := range placeNames {
		if p>>i&1 != 0 {
			names = append(names, name)
		}
	}
	return names
}

func (p place) String() string { return strings.Join(p.Names(), ", ") }

// places are those that are not empty.
func (e *Event) places() place {
	p := numbered(hop, e.Hop) | numbered(conn, e.Conn) | numbered(exchange, e.Exchange) |
		numbered(session, e.Session) | numbered(status, e.Status) | numbered(given, e.Given) |
		filled(user, e.User) | filled(server, e.Server) | filled(id, e.ID) | filled(newID, e.NewID) |
		filled(action, e.Action) | filled(fault, e.Fault) | filled(by, e.By) | filled(how, e.How) | filled(text, e.Text)
	if len(e.Labels) > 0 {
		p |= labels
	}
	if len(e.Data) > 0 {
		p |= data
	}
	return p
}

func numbered(p place, n int) place {
	if n == 0 {
		return 0
	}
	return p
}

func filled(p place, s string) place {
	if s == "" {
		return 0
	}
	return p
}

// Check returns an error for the first event that is not what its kind says.
func Check(events []Event) error {
	for i := range events {
		if err := events[i].fits(); err != nil {
			return fmt.Errorf("what was recorded is no history: %w", err)
		}
	}
	return nil
}

// fits returns an error unless the event is what its kind says.
func (e *Event) fits() error {
	v, known := variantOf[e.Kind]
	if !known {
		return fmt.Errorf("event %d is of a kind that this Gauntlet does not know, %q", e.Seq, e.Kind)
	}
	has := e.places()
	var wrong []string
	if !slices.Contains(v.From, e.From) {
		wrong = append(wrong, fmt.Sprintf("is seen from %q", e.From))
	}
	if lacks := v.Needs &^ has; lacks != 0 {
		wrong = append(wrong, "lacks "+lacks.String())
	}
	if more := has &^ (v.Needs | v.May); more != 0 {
		wrong = append(wrong, "has "+more.String())
	}
	if wrong == nil {
		return nil
	}
	return fmt.Errorf("event %d is no %q, as it %s (gauntlet explain %q tells what it may have)", e.Seq, e.Kind, strings.Join(wrong, " and "), e.Kind)
}
