// Package history is what happened in one run, seen from every vantage point:
// the hops, the gateway, the messenger behind it, the client's own word, and
// the dials. It knows no protocol and passes no judgement; recorders write it,
// oracles read it, and a stored history can be judged again by a later oracle.
package history

import "time"

// Vantage is the place from which an event was seen.
type Vantage string

// The vantage points of a run.
const (
	AtHop       Vantage = "hop"       // a connection on the accepting side of a box or of the gateway
	AtGateway   Vantage = "gateway"   // the reference gateway's session table
	AtMessenger Vantage = "messenger" // the notification server and the switchboard
	AtLogin     Vantage = "login"     // the web services that clients sign in with, and where somebody looks for them
	AtClient    Vantage = "client"    // what the client under test says of itself
	AtDial      Vantage = "dial"      // an attempt to connect, whoever made it
	AtRig       Vantage = "rig"       // the harness itself: steps of the workload, budgets
)

// Kind says what happened; each kind belongs to one vantage point.
type Kind string

// Kinds seen at a hop. Bytes "from the client" come from downstream.
const (
	Accepted     Kind = "accepted"      // Text: the peer's address; ID: original destination if redirected; How: "stream of HTTP/2" if it is one, told as HTTP/1.1
	Refused      Kind = "refused"       // a connection attempt turned away
	RequestBegan Kind = "request began" // its first byte was read
	RequestHead  Kind = "request head"  // Data: the head's bytes; Labels
	RequestDone  Kind = "request done"  // Data: the body's bytes; Labels gain those of the body
	RequestCut   Kind = "request cut"   // it came no further; Data: what there is of its head or, with an Exchange, of its body
	AnswerBegan  Kind = "answer began"  // its first byte is about to be handed on
	AnswerHead   Kind = "answer head"   // Data: the head's bytes as handed on; Status
	Interim      Kind = "interim"       // Data: the head of an answer that another follows, as handed on; Status
	AnswerDone   Kind = "answer done"   // its last byte is about to be handed on; Data: body; Text if a part of it was not kept; Given
	Opaque       Kind = "opaque"        // bytes that are not HTTP; Data: the first of them; By: peer or box
	OpaqueRest   Kind = "opaque rest"   // what follows them, piece by piece; Data; By; Text if no more was kept
	Closed       Kind = "closed"        // By: peer, box or fault; How: FIN, RST; Given: answer bytes handed on if an exchange was open
	Beside       Kind = "beside"        // what the peer's own socket says while a request begins on another connection; Given: which; How: FIN, RST or open
	Fired        Kind = "fired"         // Fault: its text; the effect has acted
	Surplus      Kind = "surplus"       // bytes behind an answer's end that belong to none; Data
	Edited       Kind = "edited"        // a head changed by an effect; Data: before; Text: after
	Rewritten    Kind = "rewritten"     // a request changed by an effect; Data: as the box gets it
)

// Kinds seen at the gateway.
const (
	SessionOpened     Kind = "session opened"     // Session, Server; NewID
	SessionIdentified Kind = "session identified" // Session, User: who signed in on it
	Processed         Kind = "processed"          // Session, ID carried, NewID given, Action; Data: body
	Repeated          Kind = "repeated"           // a duplicate answered from the log, not processed again
	Rejected          Kind = "rejected"           // Status, Text: reason; ID carried
	SessionEnded      Kind = "session ended"      // Session; Text: why
)

// Kinds seen at the messenger.
const (
	SignedIn          Kind = "signed in"          // User
	SignInRefused     Kind = "sign-in refused"    // User; Text: why
	SignedOut         Kind = "signed out"         // User; Text: OUT, lost, replaced
	Command           Kind = "command"            // User, Server; Data: one command as received
	Sent              Kind = "sent"               // User, Server; Data: one command as sent
	Relayed           Kind = "relayed"            // User: sender; Text: the message text; ID: receiver
	Challenged        Kind = "challenged"         // User
	ChallengeAnswered Kind = "challenge answered" // User
	ChallengeFailed   Kind = "challenge failed"   // User; Text: why
)

// Kinds seen at the login services and on the way to them; a handshake can fail with the
// gateway, too.
const (
	LoggedIn        Kind = "logged in"        // User; How: by which service
	LoginRefused    Kind = "login refused"    // User; How: by which service; Text: why
	HandshakeFailed Kind = "handshake failed" // Text: what TLS says; How: what to do about it
	NotServed       Kind = "not served"       // ID: a name, a host:port or a service that there is none of; By: who was asked for it; Text: why
)

// Kinds that a client reports of itself.
const (
	Connected Kind = "connected" // User; signed in, as the client sees it
	Submitted Kind = "submitted" // User; Text: a message that it was asked to send
	Delivered Kind = "delivered" // User; Text: a message that it showed to its user; ID: sender
	Uncertain Kind = "uncertain" // User; Text: a message whose fate it does not know
	Reopened  Kind = "reopened"  // User; it told its user that the session was lost and begun anew
	Failed    Kind = "failed"    // User; Text: the error that it showed
	Quit      Kind = "quit"      // User; it has left
	Declined  Kind = "declined"  // User; Text: its word that it does not support the case
	NotReady  Kind = "not ready" // User; Text: why it never came so far as to be asked
)

// Kinds of the other vantage points.
const (
	Dialled      Kind = "dialled"       // User or Text: from; ID: address; How: connected, refused, failed
	LeftOpen     Kind = "left open"     // ID: address; Given: which of the client's connections; it was not closed with the client
	Configured   Kind = "configured"    // How: direct, proxy switched off, or what the proxy speaks, such as http proxy, or file missing; ID: the proxy's address; Text: the gateway's name; By: the URL of the file that says so, if one does; Labels: the proxies that it names, in its order
	FileAsked    Kind = "file asked"    // Text: the URL of that file; How: the method; Status: of the answer, which is about to be given
	Calibrated   Kind = "calibrated"    // Text: the client's usual pause between polls, as it was measured
	StepBegan    Kind = "step began"    // Text: the step
	StepDone     Kind = "step done"     // Text: the step
	StepFailed   Kind = "step failed"   // Text: step and error
	StepEnded    Kind = "step ended"    // Text: the step that whoever attends ended by hand, or ended the run before
	Stalled      Kind = "stalled"       // Given: for how many milliseconds until now nothing could run, ourselves included
	OverBudget   Kind = "over budget"   // Text: which budget
	Crashed      Kind = "crashed"       // Text: the panic
	ClientGone   Kind = "client gone"   // Text: how, such as "ended by itself, status 2"; nobody had closed it
	ClientClosed Kind = "client closed" // Given: how many connections it had made in this process
	RunEnded     Kind = "run ended"
	Inapplicable Kind = "inapplicable" // Text: why the case cannot be expressed here; the only event of its run
)

// Event is one thing that happened. Which fields are set depends on Kind; the
// comments there say which. Events are immutable once recorded.
type Event struct {
	Seq      int           `json:"seq"`                // order of recording, from 1
	At       time.Duration `json:"at"`                 // since the run began, nanoseconds
	From     Vantage       `json:"from"`               //
	Kind     Kind          `json:"kind"`               //
	Hop      int           `json:"hop,omitempty"`      // counted from the client, 0 first
	Conn     int           `json:"conn,omitempty"`     // connection at that hop, from 1
	Exchange int           `json:"exchange,omitempty"` // ordinal at that hop over the run, from 1
	User     string        `json:"user,omitempty"`     //
	Server   string        `json:"server,omitempty"`   // NS or SB
	Session  int           `json:"session,omitempty"`  // the gateway's number of the session, from 1
	ID       string        `json:"id,omitempty"`       //
	NewID    string        `json:"newId,omitempty"`    //
	Action   string        `json:"action,omitempty"`   // open, poll or command
	Status   int           `json:"status,omitempty"`   // HTTP status
	Labels   []string      `json:"labels,omitempty"`   //
	Fault    string        `json:"fault,omitempty"`    //
	By       string        `json:"by,omitempty"`       //
	How      string        `json:"how,omitempty"`      //
	Given    int           `json:"given,omitempty"`    // bytes
	Text     string        `json:"text,omitempty"`     //
	Data     []byte        `json:"data,omitempty"`     // raw bytes
}
