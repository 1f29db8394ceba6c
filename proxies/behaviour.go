package proxies

import (
	"context"
	"io"
	"net"
	"net/http"
	"time"

	"gauntlet/proxies/network"
	"gauntlet/proxies/outage"
)

// behaviour is what a box does: the settings that it starts with and the hooks
// that it calls on an exchange's way, each list in its order. faithful has the
// settings of a box without quirks, and no hooks; a quirk changes what it is
// about and leaves the rest alone. A behaviour belongs to one box; its hooks are
// called from many goroutines.
type behaviour struct {
	settings

	// A connection of a client's. readHead sees each request's head before
	// net/http does and may edit it; answered is called when an answer is out and
	// the connection waits for the next request.
	readHead []func(head []byte) []byte
	answered []func(*clientConn)

	// A request. admit is asked first: false means that it has answered the
	// request itself. received is called when the request is known, forwarded when
	// nothing but the hooks themselves will touch it any more.
	admit     []func(x *exchange, r *http.Request) bool
	received  []func(x *exchange, r *http.Request)
	forwarded []func(x *exchange, r *http.Request)

	// Its head. generatedHead sees it as net/http has written it, requestLine and
	// requestHead as it is about to be sent.
	generatedHead []func(x *exchange, head []byte) []byte
	requestLine   []func(x *exchange, line string) string
	requestHead   []func(head []byte) []byte

	// The round trip, from one pool or from memory, once or more often: a later
	// one wraps those before it. interim is told of a 100 Continue, which is
	// swallowed if it is nil; its error ends the exchange.
	roundTrip []func(next roundTrip) roundTrip
	interim   func(ctx context.Context, x *exchange, status int) error

	// The answer from upstream, its body and its head.
	answer     []func(*http.Response)
	body       []func(io.ReadCloser) io.ReadCloser
	statusLine []func(line, original string) string
	answerHead []func(head []byte) []byte

	// The end. closes reports whether the client is told that its connection ends
	// with the answer; the first of failure that does not return 0 says which
	// status a failure upstream becomes, or cutOff; failurePage sees that page.
	closes      []func(*http.Request) bool
	failure     []func(x *exchange, err error) int
	failurePage []func(http.Header)
}

// roundTrip is the way of a request upstream and of the answer back.
type roundTrip func(x *exchange, r *http.Request) (*http.Response, error)

// cutOff, in place of a status, ends the client's connection without an answer.
const cutOff = -1

// settings are what a box needs to know before anything happens, and the steps
// that the faithful one takes and others do not.
type settings struct {
	login     string        // the user:password that a client needs; "" serves everybody
	places    *places       // of the connections that are served; nil serves all
	pseudonym string        // by which it signs in Via, if it does
	addresses int           // how many addresses it dials from, in turn; 0 means one
	patience  time.Duration // for a dial, and for an answer to begin
	cancels   bool          // an exchange ends when the client leaves, else after patience at the latest

	clientIdle, upstreamIdle time.Duration  // how long idle connections live; 0 is for ever
	natIdle                  time.Duration  // after so long without a byte a router on the way has forgotten a connection; 0 is never
	natResets                bool           // it answers what comes then by a reset; else by nothing
	outage                   *outage.Outage // the time without a cable; nil if there is none
	pooled                   int            // idle connections that are kept to one server
	balancer                 *balancer      // nil unless what it sends is spread over machines
	staleReuse               bool           // a connection upstream that the server has ended is used once more
	poolBound                bool           // a connection upstream serves one client connection
	streams                  bool           // upstream it speaks HTTP/2
	awaitsContinue           time.Duration  // how long a body is withheld from a server that was asked whether it wants it
	losesPipelined           bool           // what comes before the answer to what came before is dropped
	takesOriginForm          bool           // goes by Host where a request line has no URL
	takesCutHead             bool           // the end of a connection ends a head
	redirects                bool           // a portal has a 302 in place of its page

	restoresHeads  bool // heads go on in the spelling and order in which they came
	dropsHopByHop  bool // what concerns one hop only stays there
	inventsNothing bool // the header fields that net/http would add stay away
	asksForGzip    bool // whatever the client wants, and unpacks what it gets
	keepsFraming   bool // a body is framed as it came
	chunks         bool // the client may get chunks
	chunksUnknown  bool // a body of unknown length is sent in chunks
	passesCuts     bool // what was cut upstream is cut for the client
}

// faithful is the behaviour of a box without quirks. Its patience is longer than
// any poll that a server holds back; it keeps every connection upstream that it
// ever needed at once.
func faithful() *behaviour {
	return &behaviour{settings: settings{
		patience: 2 * time.Minute, pooled: 10000,
		restoresHeads: true, dropsHopByHop: true, inventsNothing: true, keepsFraming: true, chunks: true, passesCuts: true,
	}}
}

// behaviourOf is how the box of a spec behaves.
func behaviourOf(s Spec) (*behaviour, error) {
	b := faithful()
	return b, s.Quirks.apply(b)
}

// splice carries bytes both ways until both have ended, or a router forgets that.
func (b *behaviour) splice(client, server net.Conn) {
	if b.natIdle == 0 {
		network.Splice(client, server)
		return
	}
	nat := &mapping{lives: b.natIdle, resets: b.natResets, used: time.Now()}
	network.SpliceWhile(client, server, nat.passes)
}

// cabled is l at the end of a cable that may be out for a while. The times count from
// the first call.
func (b *behaviour) cabled(l net.Listener, life *lifetime, o Options) net.Listener {
	if b.outage == nil || !life.begin() {
		return l
	}
	go func() {
		defer life.done()
		if err := b.outage.Run(life.ctx, o.Unplug); err != nil {
			o.report(err)
		}
	}()
	return b.outage.Listen(l)
}

// announcesEnd reports whether the answer to r says that the connection ends.
func (b *behaviour) announcesEnd(r *http.Request) bool {
	for _, closes := range b.closes {
		if closes(r) {
			return true
		}
	}
	return false
}

// through is next with everything around it that quirks have put there.
func (b *behaviour) through(next roundTrip) roundTrip {
	for _, wrap := range b.roundTrip {
		next = wrap(next)
	}
	return next
}
