package fault

import (
	"bytes"
	"slices"
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
	Moment               // After since the run began, for all connections that are open then
	Volume               // connections that have given the peer Bytes bytes
	Lookup               // names that are looked up by whoever connects to the hop
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
	Says       string        // what the request's head or body has in it; "" for anything
	Ordinal    int           // from 1 over the run; 1 for what is not counted
	After      time.Duration // Idle and Moment only
	Bytes      int           // Volume only, from 1
}

// String is the trigger as it stands in a fault: "on NS poll 3".
func (t Trigger) String() string {
	switch t.On {
	case Connection:
		return "on connection " + strconv.Itoa(t.Ordinal)
	case Idle:
		return "after idle " + durationText(t.After)
	case Moment:
		return "at " + durationText(t.After)
	case Volume:
		return "after " + strconv.Itoa(t.Bytes) + " bytes"
	case Lookup:
		return "on lookup " + strconv.Itoa(t.Ordinal)
	}
	words := append([]string{"on"}, t.Qualifiers...)
	words = append(words, t.Word)
	if t.Says != "" {
		words = append(words, "saying", quoted(t.Says))
	}
	return strings.Join(append(words, strconv.Itoa(t.Ordinal)), " ")
}

// matches reports whether an exchange with these labels, and with this in its
// request, is one that t counts.
func (t Trigger) matches(labels []string, request [][]byte) bool {
	says := func(part []byte) bool { return bytes.Contains(part, []byte(t.Says)) }
	if t.Says != "" && !slices.ContainsFunc(request, says) {
		return false
	}
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
