package gateway

import "time"

// Server names what a session is opened to, as the query spells it.
type Server string

// The two kinds of server behind a gateway.
const (
	NS Server = "NS" // notification server
	SB Server = "SB" // switchboard
)

// IDShape is how a SessionID is written. A client must treat it as an
// arbitrary string (S48), whatever it looks like (S47).
type IDShape string

// The shapes of a SessionID.
const (
	Dotted     IDShape = "dotted"     // 954547325.13160, as the real gateways did
	NoDot      IDShape = "nodot"      // digits only
	Hex        IDShape = "hex"        // hexadecimal digits
	UUID       IDShape = "uuid"       // as Escargot does
	Long       IDShape = "long"       // 2,000 characters
	Unreserved IDShape = "unreserved" // with -._~ and letters
	Dots       IDShape = "dots"       // with dots before, between and behind its numbers
	Reserved   IDShape = "reserved"   // with characters that a query must escape
)

// IDChange is which part of a SessionID differs from answer to answer.
type IDChange string

// What changes in a session's ids.
const (
	ChangesLast  IDChange = "last"  // the last part with each answer, the first never
	ChangesFirst IDChange = "first" // the first part with each answer, the last never
	ChangesNever IDChange = "never" // one id for the whole session
)

// Valid is which of a session's ids a request may carry.
type Valid string

// The rules for ids.
const (
	ValidUnacknowledged Valid = "unacknowledged" // the last acknowledged one and all later ones
	ValidNewest         Valid = "newest"         // only the newest
	ValidAny            Valid = "any"            // all that were ever issued
)

// Repeat is what becomes of a request that was processed before.
type Repeat string

// The fates of a repeated request.
const (
	RepeatReplays  Repeat = "replay"  // answered again, not processed again
	RepeatExecutes Repeat = "execute" // processed again
	RepeatRejected Repeat = "reject"  // 400
)

// GatewayIP is how GW-IP is chosen (S44).
type GatewayIP string

// The ways to choose GW-IP.
const (
	GatewayFixed  GatewayIP = "fixed"  // the first of Addresses
	GatewayMoving GatewayIP = "moving" // through Addresses, one further each MoveEvery answers
	GatewayName   GatewayIP = "name"   // DefaultHost, a name instead of an address
	GatewayEcho   GatewayIP = "echo"   // what IP= said in the open, port and all
)

// PNG is what becomes of the command of that name (S20).
type PNG string

// The fates of PNG.
const (
	PNGRefused PNG = "refuse" // 400, the session ends, the connection is closed
	PNGPasses  PNG = "pass"   // the messenger answers it
)

// Split is where one answer's body may end and the next begin.
type Split string

// The ways to cut the messenger's bytes into bodies.
const (
	SplitWhole    Split = "whole"    // only between commands
	SplitAnywhere Split = "anywhere" // every other answer ends in mid command
)

// Closing is how an answer says that the messenger has ended the session (S46).
type Closing string

// The ways to say Session=close after the messenger has closed.
const (
	CloseAlone    Closing = "alone" // in an answer without a body, after all bytes were given
	CloseWithBody Closing = "body"  // in the answer with the last bytes
	CloseNever    Closing = "never" // the session goes on, empty, until it is idle too long
)

// Out is how the request that carries OUT is answered (S51).
type Out string

// The answers to OUT.
const (
	OutCloses Out = "close" // with Session=close, and the session ends
	OutPlain  Out = "plain" // like any other request; what the messenger does decides
)

// HeaderStyle is how the value of X-MSN-Messenger is laid out.
type HeaderStyle string

// The layouts of the header.
const (
	HeaderStandard  HeaderStyle = "standard"  // SessionID=…; GW-IP=…; Session=close
	HeaderReordered HeaderStyle = "reordered" // Session=close; GW-IP=…; SessionID=…
	HeaderTight     HeaderStyle = "tight"     // no space behind the semicolon
	HeaderWide      HeaderStyle = "wide"      // spaces around semicolon and equals sign
	HeaderVaried    HeaderStyle = "varied"    // all of these in turn
	HeaderBare      HeaderStyle = "bare"      // SessionID=…; [Session=close], and GW-IP in answers to opens only
)

// LongPoll is whether a poll's Lifespan is heeded.
type LongPoll string

// The fates of a Lifespan.
const (
	LongPollIgnored  LongPoll = "ignore" // answered like any poll
	LongPollHonoured LongPoll = "honour" // held until there is something to say
)

// Binding is what a session hangs on.
type Binding string

// The lives of a session.
const (
	Unbound   Binding = "none"       // it outlives every connection (S17)
	Bound     Binding = "connection" // it ends with the connection that opened it and is known on no other
	ByAddress Binding = "address"    // it is known to whoever comes from the address that opened it, and to nobody else
)

// Machines is how many stand behind the gateway's addresses.
type Machines string

// What a gateway's addresses are.
const (
	OneMachine Machines = "one"      // doors of one machine: a session is known at each
	Separate   Machines = "separate" // machines of their own behind one that balances: a session is known where it was opened
	Apart      Machines = "apart"    // machines of their own: a session is known where the answer led with the id that a request carries
)

// Door is what becomes of who connects to port 1863 of the gateway, at which clients
// speak MSNP without HTTP (S34).
type Door string

// The states of that port.
const (
	DoorRefuses Door = "refused" // nobody listens
	DoorDrops   Door = "dropped" // no attempt is answered, as firewalls do
	DoorOpen    Door = "open"    // a notification server is there
)

// Family is of which family the gateway's addresses are.
type Family string

// The families.
const (
	IPv4 Family = "ipv4"
	IPv6 Family = "ipv6" // and no other: its names lead there, and so does GW-IP
)

// Front is what stands before the gateway's port.
type Front string

// The fronts.
const (
	FrontPlain Front = "plain"       // nothing: HTTP, on port 80
	FrontTLS   Front = "tls"         // https, on port 443, as later clients use it
	FrontNamed Front = "tls-by-name" // likewise, for those alone that name a host in SNI (RFC 6066, section 3)

	// Likewise, with a certificate that nobody may take for the gateway's (RFC 9110, section 4.3.4).
	FrontUnknown Front = "tls-untrusted"    // of an authority that nobody trusts
	FrontAnother Front = "tls-another-name" // of another host
	FrontExpired Front = "tls-expired"
)

// Timeout is whether a client is told how long a session may be idle.
type Timeout string

// What a client is told of the idle time-out.
const (
	TimeoutUntold Timeout = "untold"
	TimeoutTold   Timeout = "told" // in seconds, in each answer's X-MSN-SessionTimeout, as later gateways did
)

// DefaultHost is the gateway that clients are built to know (S5). It is GW-IP
// where a dialect names no address.
const DefaultHost = "gateway.messenger.hotmail.com"

// DefaultIdle is the idle time-out of a session, where a dialect sets none.
const DefaultIdle = 60 * time.Second

// Dialect is how a gateway behaves. It is data, copied by value; every empty
// field means what the documented dialect does.
type Dialect struct {
	Name      string
	Doc       string // what it is, for people
	IDShape   IDShape
	IDChange  IDChange
	Valid     Valid
	Repeat    Repeat
	Overlap   Overlap
	GatewayIP GatewayIP
	Addresses []string // for GW-IP, without ports; empty = DefaultHost
	MoveEvery int      // answers between two moves of GW-IP; 0 = 1
	PNG       PNG
	Split     Split
	Closing   Closing
	Out       Out
	Header    HeaderStyle
	LongPoll  LongPoll
	Binding   Binding
	Machines  Machines
	Timeout   Timeout
	Door      Door
	Family    Family
	Front     Front
	Think     time.Duration // from a request's last byte to the computing of its answer
	Settle    time.Duration // at most this much longer, until the messenger has replied to a command or an open
	Idle      time.Duration // without a request for so long, a session ends; 0 = DefaultIdle
}

// Dialects are the named dialects, each a copy of its own; documented is the
// default.
func Dialects() map[string]Dialect {
	return map[string]Dialect{
		"documented": {Name: "documented", Doc: "What the source and the field reports say."},
		"strict":     {Name: "strict", Doc: "Only the newest id counts; a lost answer loses the session.", Valid: ValidNewest, Repeat: RepeatRejected},
		"naive":      {Name: "naive", Doc: "Any id counts, and nothing is remembered: a repeated request is carried out again, a lost answer is lost.", Valid: ValidAny, Repeat: RepeatExecutes},
		"escargot": {
			Name: "escargot", Doc: "The revival server, which differs in much from the documents.",
			IDShape: UUID, IDChange: ChangesNever, Valid: ValidAny, Repeat: RepeatExecutes,
			Overlap: OverlapAllowed, GatewayIP: GatewayEcho, PNG: PNGPasses, Closing: CloseNever, Out: OutPlain,
		},
		"forgetful":        {Name: "forgetful", Doc: "As documented, with a short memory.", Idle: 5 * time.Second},
		"connection-bound": {Name: "connection-bound", Doc: "As documented, but a session dies with its connection.", Binding: Bound},
		"hostile-legal": {
			Name: "hostile-legal", Doc: "All that a client has to bear.",
			IDShape: Unreserved, IDChange: ChangesFirst, GatewayIP: GatewayMoving,
			Addresses: []string{DefaultHost, "207.46.110.18", "207.46.110.19"},
			Split:     SplitAnywhere, Closing: CloseWithBody, Header: HeaderVaried,
		},
	}
}
