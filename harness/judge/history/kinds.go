package history

import "slices"

// Variant is what the events of a kind are: the vantage points that see them, the fields
// that they have to have, those that they may have besides, and what it all means.
type Variant struct {
	Kind  Kind
	From  []Vantage
	Needs fields
	May   fields
	Words string // what happened; then what stands in a field, where its name alone does not say so
}

// Variants has a row for each kind, in the order of the vantage points.
func Variants() []Variant { return slices.Clone(variants) }

// Who sees a kind. A client's session can be over by its own word, or by its end, which
// the harness sees; a handshake can fail with the gateway, too.
var (
	atHop         = []Vantage{AtHop}
	atGateway     = []Vantage{AtGateway}
	atMessenger   = []Vantage{AtMessenger}
	atLogin       = []Vantage{AtLogin}
	atServers     = []Vantage{AtLogin, AtGateway}
	atClient      = []Vantage{AtClient}
	atClientOrRig = []Vantage{AtClient, AtRig}
	atDial        = []Vantage{AtDial}
	atRig         = []Vantage{AtRig}
)

// What a peer may leave empty is nowhere needed, nor what a recording of another tool
// does not tell. Bytes "of the client" come from downstream.
var variants = []Variant{
	{Accepted, atHop, conn, hop | id | how, `a connection was accepted; id: the original destination if it was redirected; how: "stream of HTTP/2" if it is one, told as HTTP/1.1`},
	{Refused, atHop, conn | fault, hop | how, `an attempt to connect was turned away; how: "no answer" if nobody told the dialler`},
	{RequestBegan, atHop, conn, hop, "the first byte of a request was read"},
	{RequestHead, atHop, conn | exchange, hop | labels | data, "a request's head is whole; data: its bytes"},
	{RequestDone, atHop, conn | exchange, hop | labels | data | text, "a request is whole; data: its body without chunk framing; labels: those of the body, too; text: that a part was not kept"},
	{RequestCut, atHop, conn, hop | exchange | labels | data | text, "a request came no further; data: what there is of its head or, with an exchange, of its body; text: that a part was not kept"},
	{AnswerBegan, atHop, conn, hop | exchange | labels, "an answer's first byte is about to be handed on"},
	{AnswerHead, atHop, conn | data, hop | exchange | labels | status, "an answer's head is whole; data: its bytes as handed on"},
	{Interim, atHop, conn | data, hop | exchange | labels | status, "an answer that another follows; data: its head as handed on"},
	{AnswerDone, atHop, conn, hop | exchange | labels | status | given | data | text, "an answer's last byte is about to be handed on; given: bytes; data: the body; text: that a part was not kept"},
	{Opaque, atHop, conn | by | data, hop | text, "bytes that are not HTTP; data: the first of them; by: peer or box; text: that no more was kept"},
	{OpaqueRest, atHop, conn | by | data, hop | text, "what follows bytes that are not HTTP, piece by piece; by: peer or box; text: that no more was kept"},
	{Closed, atHop, conn | by | how, hop | exchange | labels | given, "a connection has ended; by: peer, box or fault; how: FIN or RST; given: answer bytes handed on, if an exchange was open"},
	{Beside, atHop, conn | how | given, hop, "what the peer's own socket says while a request begins on another connection; given: which; how: FIN, RST or open"},
	{Fired, atHop, fault, hop | conn | exchange, "the effect of a fault has acted"},
	{Surplus, atHop, conn | data, hop | exchange, "bytes behind an answer's end that belong to none"},
	{Edited, atHop, conn | exchange | fault | data, hop | text, "an effect has changed an answer's head; data: before; text: after"},
	{Rewritten, atHop, conn | exchange | fault | data, hop | labels, "an effect has changed a request; data: as the box gets it"},

	{SessionOpened, atGateway, session, user | server | newID | data, "a session was opened; newId: its first id"},
	{SessionIdentified, atGateway, session | user, server, "who signed in on a session is known"},
	{Processed, atGateway, session | action, user | server | id | newID | data, "a request was acted on; id: the one that it carried; newId: the one given; data: its body"},
	{Repeated, atGateway, session | server | id | newID | action, user | data, "a duplicate was answered from the log and not acted on; id: the one that it carried; newId: the one given once more; data: its body"},
	{Rejected, atGateway, status, session | user | server | id | action | data | text, "a request was refused; id: the one that it carried; text: why; data: its body"},
	{SessionEnded, atGateway, session | text, user | server, "a session has ended; text: why"},

	{SignedIn, atMessenger, user, 0, "a user has signed in"},
	{SignInRefused, atMessenger, text, user | server | conn, "a sign-in was refused; text: why"},
	{SignedOut, atMessenger, text, user, "a user has left; text: by what word or for what reason, such as lost or replaced"},
	{Command, atMessenger, server | data, user | conn, "a command as received"},
	{Sent, atMessenger, data, user | server | conn, "a command as sent"},
	{Relayed, atMessenger, user | id, text, "a message went from one user to another; user: the sender; id: the receiver; text: of the message"},
	{Challenged, atMessenger, user | server | conn, 0, "a challenge was sent"},
	{ChallengeAnswered, atMessenger, user | server | conn, text, "a challenge was answered; text: what of the answer could not be judged"},
	{ChallengeFailed, atMessenger, server | conn | text, user, "a challenge was answered wrongly or not at all; text: why"},

	{LoggedIn, atLogin, user | how, 0, "a login service gave a ticket; how: which service"},
	{LoginRefused, atLogin, text, user | how, "a login service gave no ticket; how: which service; text: why"},
	{HandshakeFailed, atServers, text, how, "no TLS with a client; text: what TLS says; how: what to do about it"},
	{NotServed, atLogin, by | text, id, "somebody looked for what there is not; id: a name, a host:port or a service; by: who was asked for it; text: why"},

	{Connected, atClient, user, 0, "signed in, as the client sees it"},
	{Submitted, atClient, user, text, "the client was asked to send a message; text: of the message"},
	{Delivered, atClient, user, id | text, "the client showed a message to its user; id: the sender; text: of the message"},
	{Uncertain, atClient, user, id | text, "the client does not know a message's fate; text: of the message"},
	{Reopened, atClient, user, id | text, "the client told its user that the session was lost and begun anew; text: its words"},
	{Failed, atClient, user, id | text, "the client showed an error; text: its words"},
	{Quit, atClientOrRig, user, id | text, "the client has left; text: its words, or how its process ended"},
	{Declined, atClient, user, text, "the client does not support the case; text: its words"},
	{NotReady, atClient, user, text, "the client never came so far as to be asked; text: why"},

	{Dialled, atDial, how, user | id, "an attempt to connect, by whom user says; id: the address; how: connected, or why not"},
	{LeftOpen, atDial, user | id | given, 0, "a connection was not closed with the client; id: the address; given: which of the client's connections"},
	{Configured, atRig, how | text, id | by | labels, "what the client was told; how: direct, proxy switched off, what the proxy speaks, such as http proxy, or file missing; id: the proxy's address; text: the gateway's name; by: the URL of the file that says so, if one does; labels: the proxies that it names, in its order"},
	{FileAsked, atRig, how | status | text, 0, "somebody asked for the file that names the proxies; text: its URL; how: the method; status: of the answer, which is about to be given"},
	{Calibrated, atRig, text, 0, "the client's usual pause between polls was measured; text: the pause"},
	{StepBegan, atRig, text, 0, "a step of the workload has begun; text: the step"},
	{StepDone, atRig, text, 0, "a step of the workload is done; text: the step"},
	{StepFailed, atRig, text, 0, "a step of the workload has failed; text: the step and the error"},
	{StepEnded, atRig, text, 0, "whoever attends ended a step by hand, or the run before it; text: the step"},
	{Stalled, atRig, given, 0, "nothing could run until now, ourselves included; given: for how many milliseconds"},
	{OverBudget, atRig, text, 0, "the run took more than it may; text: of which budget"},
	{Crashed, atRig, text, 0, "the client took the run down; text: the panic"},
	{ClientGone, atRig, 0, text, `nobody had closed the client; text: how it went, such as "ended by itself, status 2"`},
	{ClientClosed, atRig, 0, given, "the client was closed; given: how many connections it had made in this process"},
	{RunEnded, atRig, 0, 0, "the run is over"},
	{Inapplicable, atRig, text, 0, "the case cannot be expressed here; the only event of its run; text: why"},
}

var variantOf = func() map[Kind]*Variant {
	of := make(map[Kind]*Variant, len(variants))
	for i := range variants {
		of[variants[i].Kind] = &variants[i]
	}
	return of
}()
