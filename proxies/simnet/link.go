package simnet

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// link is a connection: both of its ends and the lock that they share. The
// rules by which one end's acts become the other's news are in this file.
type link struct {
	mu        sync.Mutex
	net       *Net
	host      *Host // the dialler
	near, far Conn  // the dialler's end and the listener's
}

func newLink(n *Net, h *Host, from, target netip.AddrPort, accepted *net.TCPAddr, paths int) *link {
	l := &link{net: n, host: h}
	dialler := net.TCPAddrFromAddrPort(from)
	l.near = newConn(l, &l.far, dialler, net.TCPAddrFromAddrPort(target), paths+1)
	l.far = newConn(l, &l.near, accepted, dialler, paths)
	return l
}

// arrival is when what c sends now reaches the peer.
func (c *Conn) arrival(now time.Time) time.Time { return c.link.net.arrival(now, c.path) }

// send puts b on its way as far as the window allows and returns how much. A
// closed peer answers data with a reset, a round trip from now.
func (c *Conn) send(b []byte, now time.Time) int {
	if len(b) == 0 || c.peer.readShut && !c.peer.closed {
		return len(b)
	}
	due := c.arrival(now)
	n := c.peer.in.push(b, due)
	if c.peer.closed {
		c.resetBy(c.peer.arrival(due))
	}
	c.peer.reader.wakeAt(due)
	return n
}

// finish sends FIN behind what was written.
func (c *Conn) finish(now time.Time) {
	if c.writeShut {
		return
	}
	c.writeShut = true
	c.writer.wake()
	c.peer.in.fin = c.arrival(now)
	c.peer.reader.wakeAt(c.peer.in.fin)
}

// resetBy lets RST arrive at c at the instant, unless one comes before.
func (c *Conn) resetBy(at time.Time) {
	c.reset = earlier(at, c.reset)
	c.reader.wakeAt(c.reset)
	c.writer.wakeAt(c.reset)
}

// hangUp tells the peer that c closes: by RST if c lingers not or leaves data
// unread, else by FIN; data still on its way to c will then meet nobody and be
// answered by RST.
func (c *Conn) hangUp(now time.Time) {
	arrival := c.arrival(now)
	switch {
	case c.peer.closed || reached(c.reset, now):
	case c.hard:
		c.peer.in.lose(now)
		c.peer.resetBy(arrival)
	case c.in.readable(now):
		c.peer.resetBy(arrival)
	default:
		c.finish(now)
		if c.in.parts.len() > 0 {
			c.peer.resetBy(c.arrival(c.in.next()))
		}
	}
}

// close ends c and reports whether c was still open, and whether that was the
// last of the connection.
func (c *Conn) close(now time.Time) (wasOpen, last bool) {
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	if c.closed {
		return false, false
	}
	c.hangUp(now)
	c.closed = true
	c.reader.wake()
	c.writer.wake()
	return true, c.peer.closed
}

// sever resets both ends at once, for the network's own end.
func (l *link) sever() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for _, c := range []*Conn{&l.near, &l.far} {
		c.in.clear()
		c.reset = earlier(now, c.reset)
		c.reader.wake()
		c.writer.wake()
	}
}
