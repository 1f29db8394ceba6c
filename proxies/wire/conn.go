package wire

import (
	"net"
	"sync"
	"time"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/network"
)

var _ interface {
	net.Conn
	network.CloseReader
	network.CloseWriter
	network.Lingerer
} = (*conn)(nil)

// conn is an accepted connection as the box has it. The embedded Conn is the
// network's side; once taken, it is the drainer's alone.
type conn struct {
	net.Conn
	tap *Tap
	id  int

	mu      sync.Mutex    // guards the rest; never held by anybody who waits
	changed chan struct{} // closed at the next change of state; nil while nobody waits

	in        inbound
	out       outbound
	responses responses
	idle      idler
	passage   passage
	open      queue
	before    *fault.Answer // the last one that was given whole, if some effect may want it

	link      link
	ends      end
	peerGone  bool // the peer has ended its direction
	netClosed bool // the network's side is closed
	ended     bool // Closed was told
	hard      bool // the box wants Close to be a reset
}

// end says who has ended the box's use of a connection.
type end uint8

const (
	inUse end = iota
	byBox
	byTap
)

// inbound is the direction from the peer to the box.
type inbound struct {
	stream
	conn     *conn
	data     []byte    // read from the peer and not yet given to the box; unused while no fault can strike
	parsed   int       // how much of data has been through the stream
	free     int       // how much of data may be given to the box
	count    int       // bytes of the request at hand
	opaque   int       // bytes that were told and are not HTTP
	struck   int       // request byte up to which landmarks are behind
	begun    bool      // a request has begun and is not complete
	asking   *exchange // the request at hand, once its head is complete
	raw      []byte    // its bytes, as far as they have come
	again    []byte    // what the box gets once more after it
	ahead    time.Time // until then a Read that must wait looks for more
	holding  bool      // it must be known better before a byte of it passes
	withheld bool      // the last one was kept from the box
	busy     bool      // a Read is inside the network's Read
	striking int       // effects are being run; the other direction waits
	err      error     // what the box reads after the free bytes
	deadline time.Time
	pace     turnstile
}

// outbound is the direction from the box to the peer.
type outbound struct {
	stream
	conn     *conn
	held     []byte    // beginning of an answer, too short to be told for one
	given    int       // bytes of the answer at hand that were handed on
	opaque   int       // bytes that were told and are not HTTP
	announce bool      // the answer's beginning is yet to be told
	struck   *exchange // the one that the last step belonged to
	finished *exchange // completed by the last step
	handed   time.Time // when bytes were last handed on
	busy     bool      // a Write is under way
	writing  bool      // it is inside the network's Write
	striking int
	err      error // what the box's writes come to
	deadline time.Time
	pace     turnstile
}

func (c *conn) emit(e Event) {
	e.Conn = c.id
	c.tap.emit(e)
}

// closed tells, once, that the connection has ended as the peer sees it.
func (c *conn) closed(by, how string) {
	if by == ByPeer && c.passage.heardAfterAll() {
		c.passage.reunite()
	}
	if c.ended || c.link.state == partitioned && by == ByBox {
		return
	}
	c.ended = true
	c.in.tellCut()
	e := Event{Kind: Closed, By: by, How: how}
	if ex := c.open.real(); ex != nil {
		e.Exchange, e.Labels, e.Given = ex.ordinal, ex.labels, c.out.given
	}
	c.emit(e)
}

// NetConn is the network's side of the connection.
func (c *conn) NetConn() net.Conn { return c.Conn }
