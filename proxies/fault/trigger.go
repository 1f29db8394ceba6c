package fault

import (
	"strconv"
	"strings"
	"time"
)

// On says what a trigger counts.
type On int

// What a trigger counts.
const (
	Exchange   On = iota // exchanges that match Word and Qualifiers
	Connection           // attempts to connect
	Idle                 // times that a connection stayed idle for After
)

// AnyExchange is the word that every exchange matches, but for one that carries
// the label Connect: asking for a tunnel is the way to a server and no request
// to it. Such an exchange is meant by that word only.
const (
	AnyExchange = "request"
	Connect     = "CONNECT"
)

// Trigger says which exchange, connection or idle moment a fault strikes.
type Trigger struct {
	On         On
	Qualifiers []string      // all must be among the exchange's labels; nil when none
	Word       string        // AnyExchange or a word of the vocabulary; exchanges only
	InBody     bool          // Word is a body word: it is known only when the body is complete
	Ordinal    int           // from 1 over the run; 1 for Idle
	After      time.Duration // Idle only
}

// String is the trigger as it stands in a fault: "on NS poll 3".
func (t Trigger) String() string {
	switch t.On {
	case Connection:
		return "on connection " + strconv.Itoa(t.Ordinal)
	case Idle:
		return "after idle " + durationText(t.After)
	}
	words := append([]string{"on"}, t.Qualifiers...)
	return strings.Join(append(words, t.Word, strconv.Itoa(t.Ordinal)), " ")
}

// matches reports whether an exchange with these labels is one that t counts.
func (t Trigger) matches(labels []string) bool {
	if t.Word == AnyExchange && contains(labels, Connect) || t.Word != AnyExchange && !contains(labels, t.Word) {
		return false
	}
	for _, q := range t.Qualifiers {
		if !contains(labels, q) {
			return false
		}
	}
	return true
}

// durationText prints d without zero tails: 2m rather than 2m0s.
func durationText(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
