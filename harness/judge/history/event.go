// Package history is what happened in one run, seen from every vantage point:
// the hops, the gateway, the messenger behind it, the client's own word, and
// the dials. It knows no protocol and passes no judgement; recorders write it,
// oracles read it, and a stored history can be judged again by a later oracle.
package history

import (
	"strings"
	"time"
)

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

// Kind says what happened; variants has a row for each.
type Kind string

// Kinds seen at a hop.
const (
	Accepted     Kind = "accepted"
	Refused      Kind = "refused"
	RequestBegan Kind = "request began"
	RequestHead  Kind = "request head"
	RequestDone  Kind = "request done"
	RequestCut   Kind = "request cut"
	AnswerBegan  Kind = "answer began"
	AnswerHead   Kind = "answer head"
	Interim      Kind = "interim"
	AnswerDone   Kind = "answer done"
	Opaque       Kind = "opaque"
	OpaqueRest   Kind = "opaque rest"
	Closed       Kind = "closed"
	Beside       Kind = "beside"
	Fired        Kind = "fired"
	Surplus      Kind = "surplus"
	Edited       Kind = "edited"
	Rewritten    Kind = "rewritten"
)

// Kinds seen at the gateway.
const (
	SessionOpened     Kind = "session opened"
	SessionIdentified Kind = "session identified"
	Processed         Kind = "processed"
	Repeated          Kind = "repeated"
	Rejected          Kind = "rejected"
	SessionEnded      Kind = "session ended"
)

// Kinds seen at the messenger.
const (
	SignedIn          Kind = "signed in"
	SignInRefused     Kind = "sign-in refused"
	SignedOut         Kind = "signed out"
	Command           Kind = "command"
	Sent              Kind = "sent"
	Relayed           Kind = "relayed"
	Challenged        Kind = "challenged"
	ChallengeAnswered Kind = "challenge answered"
	ChallengeFailed   Kind = "challenge failed"
)

// Kinds seen at the login services and on the way to them; a handshake can fail with the
// gateway, too.
const (
	LoggedIn        Kind = "logged in"
	LoginRefused    Kind = "login refused"
	HandshakeFailed Kind = "handshake failed"
	NotServed       Kind = "not served"
)

// Kinds that a client reports of itself.
const (
	Connected Kind = "connected"
	Submitted Kind = "submitted"
	Delivered Kind = "delivered"
	Uncertain Kind = "uncertain"
	Reopened  Kind = "reopened"
	Failed    Kind = "failed"
	Quit      Kind = "quit"
	Declined  Kind = "declined"
	NotReady  Kind = "not ready"
)

// Kinds of the other vantage points.
const (
	Dialled      Kind = "dialled"
	LeftOpen     Kind = "left open"
	Configured   Kind = "configured"
	FileAsked    Kind = "file asked"
	Calibrated   Kind = "calibrated"
	StepBegan    Kind = "step began"
	StepDone     Kind = "step done"
	StepFailed   Kind = "step failed"
	StepEnded    Kind = "step ended"
	Stalled      Kind = "stalled"
	OverBudget   Kind = "over budget"
	Crashed      Kind = "crashed"
	ClientGone   Kind = "client gone"
	ClientClosed Kind = "client closed"
	RunEnded     Kind = "run ended"
	Inapplicable Kind = "inapplicable"
)

// EndsClient reports whether the client ended though nobody had asked it to, or panicked.
func (k Kind) EndsClient() bool { return k == ClientGone || k == Crashed }

// Closing begins the text of a StepFailed that is no step: what went wrong as the client
// was closed.
const Closing = "close: "

// Quitting begins the text of one that is about the exit status of a program which was
// told to quit.
const Quitting = "quit: "

// CrashedSo reports whether a text that tells how a client ended tells of a crash.
func CrashedSo(text string) bool { return strings.HasPrefix(text, string(Crashed)+": ") }

// Event is one thing that happened. Which fields are set depends on Kind: variants
// says it, and Check holds it. Events are immutable once recorded.
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
