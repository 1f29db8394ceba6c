// Package protocol is what the rig has to be given of the protocol that clients
// and their gateway speak: words, labels, how it is read and judged, and the
// servers of a run. A protocol implements it beside its own packages; the rig
// imports nothing else of it.
package protocol

import (
	"context"
	"log/slog"
	"net"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/catalogue"
	"gauntlet/proxies"
	"gauntlet/proxies/network"
)

// The hosts at which a run's servers are reached. In virtual time and in
// namespaces they are literal; on loopback they stand for real listeners.
const (
	GatewayHost      = "10.9.0.80"     // also by the gateway's names
	OtherGatewayHost = "10.9.0.81"     // where a gateway that moves leads
	IPv6GatewayHost  = "fd00:10:9::80" // the gateway's address of that family, in cases that name it
	LoginHost        = "10.9.0.43"     // where the login services stand
)

// Protocol is one polling protocol.
type Protocol struct {
	Reader     trace.Reader
	Oracles    oracle.Registry      // in full
	Vocabulary catalogue.Vocabulary // but for boxes: those are the user's
	Gateway    string               // the name by which clients know the gateway
	Names      []string             // all that it has
	Doors      []string             // hosts beside the gateway's own that answer as it does
	Login      Login
	Alone      []string // the triggers of what each client does by itself, signed in and without a chat
	Called     []string // and of what it does besides if it is called into one
	Longest    int      // bytes of a message that the servers take

	// LabelHead names a request by its head. kind adds what is known of the
	// session with that token; nil if nothing is.
	LabelHead func(kind func(token string) []string) func(head []byte) []string
	LabelBody func(body []byte) []string
	// Beyond adds to a history of hop 0 alone what follows from it of the gateway and
	// the servers, and says who signed in.
	Beyond func(events []history.Event) (all []history.Event, user string)
	// Start makes the servers of one run. They serve nothing yet.
	Start func(Site) (Servers, error)
	// Contact makes a contact that is a client of its own.
	Contact func(Seat) Contact
}

// GatewayHosts are all hosts that answer as the gateway.
func (p *Protocol) GatewayHosts() []string {
	return append([]string{GatewayHost, OtherGatewayHost}, p.Doors...)
}

// IPv6Gateway is how that address stands in a request, and in GW-IP.
const IPv6Gateway = "[" + IPv6GatewayHost + "]"

// GatewayAddresses are what may stand for the gateway in a request: its hosts
// and their names.
func (p *Protocol) GatewayAddresses() []string {
	return append(append(p.GatewayHosts(), IPv6Gateway), p.Names...)
}

// Login is under which names the services are reached that real clients sign in
// with.
type Login struct {
	Names     []string
	Domains   []string // whose names all mean them
	Apart     []string // the domains without those of the gateway
	Certified []string // the first is for who names none
}

// Site is what the servers of a run are told of it.
type Site struct {
	Case          catalogue.Case
	User, Contact string   // emails
	Others        []string // emails, of clients that go the user's way
	Silent        bool     // the client says nothing of itself, and is asked again and again for what it answers alone
	Seed          uint64
	Secret        []byte // 32 bytes, from which all is drawn that nobody is to foresee; nil: the seed
	Logger        *slog.Logger
	Observe       func(history.Event)
	Visible       func() // the user became visible to the contacts
	// Dial is the gateway's way to a server behind it.
	Dial func(ctx context.Context, address string) (net.Conn, error)
}

// Servers are those of one run: the gateway, what stands behind it, and the
// login services. Their methods are safe for concurrent use.
type Servers interface {
	Behind() []Endpoint
	// Door is where clients can speak without the gateway; one without Serve loses all
	// who come.
	Door() []Endpoint
	// Serve and ServeLogin serve until the listener is closed, which is no error.
	Serve(net.Listener) error
	ServeLogin(net.Listener) error
	// Session is what is known of the session with that token; nil: nothing.
	Session(token string) []string
	// Forget has the gateway forget all sessions.
	Forget()
	// ForgetChats has it forget those of chats.
	ForgetChats()
	// CloseChats ends all chats, and clients are told so.
	CloseChats()
	// Maintain has the gateway refuse everything for d, and say so.
	Maintain(d time.Duration)
	// Restart has it lose its sessions and connections, and take none for d.
	Restart(d time.Duration)
	// Leave ends the machine of the gateway's that has that address; its sessions go on
	// at the others.
	Leave(address string)
	// Crowd has the others on the user's list come at one time, or go.
	Crowd(come bool)
	// Scripted is the user with that email, played by the servers themselves.
	Scripted(email string) Scripted
	Close() error
}

// Endpoint is a server behind the gateway, and where the gateway finds it.
type Endpoint struct {
	Host  string
	Port  int
	Serve func(net.Listener) error // until the listener is closed, which is no error
}

// Seat is where a contact sits that is a client of its own.
type Seat struct {
	Network network.Network
	Route   proxies.Route
	Gateway string
	Email   string
}

// Contact is somebody whom the user chats with.
type Contact interface {
	SignIn(ctx context.Context) error
	Invite(ctx context.Context, email string) error
	WaitJoined(ctx context.Context, email string) error
	Send(text string) error
	Close()
}

// Scripted is a contact without sockets: nothing on the network can disturb it,
// so that only the client under test is judged.
type Scripted interface {
	Contact
	// Echo has the contact say back what it hears.
	Echo()
	// LastWords has the contact say texts in the moment in which the user leaves
	// the chat.
	LastWords(texts ...string)
	// Type has the contact tell the chat that it is typing, which no user is to read.
	Type() error
	// Leave has it leave the chat, and SignOut everything.
	Leave()
	SignOut()
}
