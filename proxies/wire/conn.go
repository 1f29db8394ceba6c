package wire

import (
	"bytes"
	"net"
	"sync"

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
	tap  *Tap
	id   int
	peer string // its host

	mu      sync.Mutex    // guards the rest; never held by anybody who waits
	changed chan struct{} // closed at the next change of state; nil while nobody waits

	in        inbound
	out       outbound
	responses responses
	idle      idler
	passage   passage
	alarms    alarms
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
	c.alarms.stop("")
	c.in.tellCut()
	e := Event{Kind: Closed, By: by, How: how}
	if ex := c.open.real(); ex != nil {
		e.Exchange, e.Labels, e.Given = ex.ordinal, ex.labels, c.out.given
	}
	c.emit(e)
}

// NetConn is the network's side of the connection.
func (c *conn) NetConn() net.Conn { return c.Conn }

// Read gives the box what came from the peer, as far as it may have it.
func (c *conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		n, err := c.in.tryRead(p)
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// Write hands on to the peer what the box answers, in one piece unless a
// landmark lies within.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.out.busy {
		if err := c.rest(c.out.deadline); err != nil {
			return 0, c.failed("write", err)
		}
	}
	c.out.busy = true
	defer c.out.writeEnds()
	before := len(c.out.held)
	sent, err := c.out.send(c.out.unheld(p))
	c.responses.giveOwn()
	return max(sent-before, 0), err
}

// maxOpaque is how many opaque bytes of each side are told. A tunnel may carry
// any number.
const maxOpaque = 64 << 10

// becomeOpaque stops parsing in both directions. What was taken for a head is
// told at once, and all that comes from now on.
func (c *conn) becomeOpaque(by string, head []byte) {
	if by == ByBox || c.in.asking != nil { // else head is what came of it
		c.in.tellCut()
	}
	c.in.giveUp()
	c.out.giveUp()
	c.in.holding, c.in.begun = false, false
	c.tellOpaque(by, head)
}

// tellOpaque tells bytes that are not HTTP, as far as there is room.
func (c *conn) tellOpaque(by string, data []byte) {
	told := &c.in.opaque
	if by == ByBox {
		told = &c.out.opaque
	}
	room := min(len(data), maxOpaque-*told)
	if room == 0 {
		return
	}
	e := Event{Kind: Opaque, By: by, Data: bytes.Clone(data[:room])}
	if c.in.opaque+c.out.opaque > 0 {
		e.Kind = OpaqueRest
	}
	if *told += room; *told == maxOpaque {
		e.Text = "what follows is not kept"
	}
	c.emit(e)
}
