package trace

import (
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/proxies/http1"
)

// Reader reads what only one who knows the client's protocol can. Everything
// else here, and whoever reads the trace, knows sessions, tokens, polls and
// commands, whatever they look like on the wire.
type Reader interface {
	Words() Words
	// Request is what a request's target asks of the gateway. The error says why
	// it is none of the gateway's; what could be read comes with it.
	Request(target string) (Asked, error)
	// Answer is what an answer's head says of the session; nil if the answer is
	// not the gateway's own.
	Answer(head *http1.Head) *Given
	// Commands are the names of the commands in a client's body, in order.
	Commands(body []byte) []string
	// Transactions are the commands in a client's body that ask for something to be
	// done once, but for messages, which are known by their texts.
	Transactions(body []byte) []Transaction
	// Challenges reports whether a server's body has the challenge in it.
	Challenges(body []byte) bool
	// Leaves reports whether by that body the client leaves the session.
	Leaves(body []byte) bool
	// Tickets are those for a chat in a command that a server sent.
	Tickets(sent *history.Event) []Ticket
}

// Words are what a protocol calls things, in the history and in reasons.
type Words struct {
	Protocol   string
	Home, Chat string // the kinds of sessions: of a user who is signed in, and of each chat
	Leave      string // the command by which a client leaves
	Call       string // the command by which it asks for a ticket for a chat
	Challenge  string // the command that a client has to answer by itself
	Proof      string // the command by which it does
	Token      string // that names the session in a request, new with each answer
	Closing    string // by which an answer ends the session
	OwnPort    string // of the servers behind the gateway, where a client of the gateway has no business
}

// What a request may ask for; Asked.Action is something else only where a client
// makes a mistake.
const (
	Open    = "open"
	Poll    = "poll"
	Command = ""
)

// Asked is what a request asks of the gateway.
type Asked struct {
	Authority string        // whom the target itself names
	Action    string        // Open, Poll or Command
	Server    string        // in an open: Words.Home or Words.Chat
	Behind    string        // in an open: the server behind the gateway
	Token     string        // of the session
	Hold      time.Duration // for how long a poll may be held; 0: it is answered at once
	Repeated  []string      // arguments that came more than once
}

// Given is what an answer of the gateway's says of the session.
type Given struct {
	Token   string // for the next request
	Gateway string // whom to send it to
	Close   bool   // the session is over
}

// Transaction is a command that has a number of its own.
type Transaction struct {
	Name, Text string // the text as it is sent
}

// Arrival is a transaction as a server got it.
type Arrival struct {
	Transaction
	At     time.Duration
	Server string // Words.Home or Words.Chat
	Link   int    // of the server's, on which it arrived
}

// Ticket is what a server gave the user for a chat: on being asked, or since a
// contact calls.
type Ticket struct {
	At     time.Duration
	Called bool
	Host   string
}
