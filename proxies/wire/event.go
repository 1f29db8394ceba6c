package wire

import "time"

// Kind says what happened. The strings are those of the history's kinds.
type Kind string

// The kinds of events. "Handed on" means given to the peer, which is downstream.
const (
	Accepted     Kind = "accepted"      // Peer, OriginalDestination; How: "stream of HTTP/2" if it is one, told as HTTP/1.1
	Refused      Kind = "refused"       // an attempt turned away; Peer; How: "no answer" if nobody told the dialler
	RequestBegan Kind = "request began" // its first byte was read
	RequestHead  Kind = "request head"  // Exchange, Labels; Data: the head's bytes
	RequestDone  Kind = "request done"  // Labels gain those of the body; Data: the body without chunk framing
	RequestCut   Kind = "request cut"   // it came no further; Data: what there is of its head or, with an Exchange, of its body
	AnswerBegan  Kind = "answer began"  // its first byte is about to be handed on
	AnswerHead   Kind = "answer head"   // Status; Data: the head's bytes as handed on
	Interim      Kind = "interim"       // Status; Data: the head of an answer that another follows, as handed on
	AnswerDone   Kind = "answer done"   // its last byte is about to be handed on; Given; Data: the body
	Surplus      Kind = "surplus"       // Data: bytes behind the answer that belong to none
	Opaque       Kind = "opaque"        // the bytes are not HTTP: from here on, or for as long as SOCKS asks for a tunnel; By: peer or box; Data: the first of them
	OpaqueRest   Kind = "opaque rest"   // what follows them, piece by piece; By, Data; Text if no more will be told
	Closed       Kind = "closed"        // once, when the peer's view of the connection ends; By, How, Given
	Beside       Kind = "beside"        // what the peer's own socket says while a request begins on another connection; Given: which; How: FIN, RST or "open"
	Fired        Kind = "fired"         // Fault: an effect has acted
	Edited       Kind = "edited"        // Data: a head before; Text: after; Fault if an effect did it
	Rewritten    Kind = "rewritten"     // Data: the request's bytes as the box gets them; Fault
)

// Who ended a connection, or spoke first on an opaque one.
const (
	ByPeer  = "peer"
	ByBox   = "box"
	ByFault = "fault"
)

// stillOpen is what a socket says that was neither closed nor reset.
const stillOpen = "open"

// Event is one thing that happened at a hop. Its slices are the receiver's to
// keep and nobody's to change.
type Event struct {
	At       time.Time
	Kind     Kind
	Hop      int
	Conn     int      // from 1 per hop, refused attempts counted too
	Exchange int      // from 1 per hop in the order in which heads arrive; 0 before the head or outside of exchanges
	Labels   []string // of the request

	Data   []byte
	Status int // HTTP status
	Given  int // bytes of the answer handed on; in Closed, of the open exchange's

	Fault               string // the fault's line
	By                  string // ByPeer, ByBox or ByFault
	How                 string // FIN or RST
	Peer                string // the peer's address
	OriginalDestination string // if the connection was redirected
	Text                string // notes: how much of a body is left out; see also Edited
}
