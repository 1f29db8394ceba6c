package history

import (
	"fmt"
	"slices"
	"strings"
)

// fields is a set of those fields of an event that depend on its kind.
type fields uint32

const (
	hop fields = 1 << iota
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

// fieldNames are the names in JSON, in order.
var fieldNames = [...]string{
	"hop", "conn", "exchange", "user", "server", "session", "id", "newId", "action",
	"status", "labels", "fault", "by", "how", "given", "text", "data",
}

// Names are the names of the fields in the set, as JSON names them.
func (f fields) Names() []string {
	names := []string{}
	for i, name := range fieldNames {
		if f>>i&1 != 0 {
			names = append(names, name)
		}
	}
	return names
}

func (f fields) String() string { return strings.Join(f.Names(), ", ") }

// filled are the fields that are not empty.
func (e *Event) filled() fields {
	f := in(hop, e.Hop) | in(conn, e.Conn) | in(exchange, e.Exchange) |
		in(session, e.Session) | in(status, e.Status) | in(given, e.Given) |
		in(user, e.User) | in(server, e.Server) | in(id, e.ID) | in(newID, e.NewID) |
		in(action, e.Action) | in(fault, e.Fault) | in(by, e.By) | in(how, e.How) | in(text, e.Text)
	if len(e.Labels) > 0 {
		f |= labels
	}
	if len(e.Data) > 0 {
		f |= data
	}
	return f
}

// in is the field, if there is something in it.
func in[T comparable](field fields, value T) fields {
	var empty T
	if value == empty {
		return 0
	}
	return field
}

// Check returns an error for the first event that is not what its kind says.
func Check(events []Event) error {
	for i := range events {
		if err := events[i].isOfItsKind(); err != nil {
			return fmt.Errorf("what was recorded is no history: %w", err)
		}
	}
	return nil
}

// isOfItsKind returns an error unless the event is what its kind says.
func (e *Event) isOfItsKind() error {
	v, known := variantOf[e.Kind]
	if !known {
		return fmt.Errorf("event %d is of a kind that this Gauntlet does not know, %q", e.Seq, e.Kind)
	}
	has := e.filled()
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
