package wire

import (
	"net"
	"time"

	"gauntlet/proxies/fault"
)

// Path is the way that packets take between the two ends of a hop, where a
// kernel and routers can do to an established connection what neither end can.
// A Tap is given one where there is such a way.
//
// A call returns when it is in effect, and does not wait for anything else.
// conn is the accepting end. left, if it is given, is called once, from another
// goroutine, when the connecting end has given the connection up; how is FIN if
// it closed it, and RST if it was told that there is none.
type Path interface {
	// Kill has the accepting end's kernel end the connection by itself: the
	// other end gets RST.
	Kill(conn net.Conn) error
	// Forget has the router before the accepting end forget that it translates
	// the connection's addresses: nothing gets through any more, either way.
	Forget(conn net.Conn, left func(how string)) error
	// Reject has the router answer by RST what the connecting end sends next;
	// the accepting end hears of nothing.
	Reject(conn net.Conn, left func(how string)) error
	// Lose has the router drop what is sent in one direction, until heal is
	// called. Both kernels then repeat what was not acknowledged.
	Lose(conn net.Conn, d fault.Direction, left func(how string)) (heal func() error, err error)
	// Arrived reports whether the other end has acknowledged all that was
	// written to the accepting end.
	Arrived(conn net.Conn) bool
}

// disturbPath does something on the path; a loss ends after t, unless t is 0.
func (c *conn) disturbPath(path Path, f fault.Flow, d fault.Direction, t time.Duration) error {
	switch f {
	case fault.KillFlow:
		return path.Kill(c.Conn)
	case fault.ForgetFlow:
		return path.Forget(c.Conn, c.leftUnheard)
	case fault.RejectFlow:
		return path.Reject(c.Conn, c.leftUnheard)
	}
	heal, err := path.Lose(c.Conn, d, c.leftUnheard)
	if err == nil && t > 0 {
		c.tap.drain(func() { c.healed(path, heal, t) })
	}
	return err
}

// leftUnheard notes that the peer has given up a connection whose box cannot
// hear of it.
func (c *conn) leftUnheard(how string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link.disturbed() {
		c.closed(ByPeer, how)
	}
}

// sendUnheard writes what may never arrive. It is told of, as given to the peer,
// only once it has.
func (c *conn) sendUnheard(data []byte) error {
	c.out.unheard = append(c.out.unheard, data...)
	for len(data) > 0 {
		n, err := c.writeNetwork(data)
		if err != nil {
			return c.writeFailed(err)
		}
		data = data[n:]
	}
	return nil
}

// healing is how often it is looked whether what was lost has arrived.
const healing = 2 * time.Millisecond

// healed heals the road after t, and tells of what was lost when it has arrived.
func (c *conn) healed(path Path, heal func() error, t time.Duration) {
	if !c.endures(t) {
		return
	}
	if err := heal(); err != nil {
		c.tap.broke(err)
		return
	}
	for !path.Arrived(c.Conn) {
		if !c.endures(healing) {
			return
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reunite()
}

// heardAfterAll reports whether what was lost has arrived, although nobody has
// noticed yet: a peer that wants nothing more leaves as soon as it has it.
func (c *conn) heardAfterAll() bool {
	return c.link.state == partitioned && len(c.out.unheard) > 0 && c.tap.options.Path.Arrived(c.Conn)
}

// endures waits; false if the connection has ended meanwhile.
func (c *conn) endures(t time.Duration) bool {
	end := time.Now().Add(t)
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.ends == inUse && !c.ended {
		if c.rest(end) != nil {
			return true
		}
	}
	return false
}

// reunite goes on as if what has arrived had just been given.
func (c *conn) reunite() {
	for c.out.busy && c.ends != byTap {
		_ = c.rest(time.Time{}) // it has no end
	}
	if c.link.state != partitioned {
		return // somebody else was first
	}
	data := c.out.unheard
	c.link.meet(heal)
	c.out.unheard, c.out.arrived = nil, len(data)
	if c.ends == byTap || c.ended || len(data) == 0 {
		return
	}
	c.out.busy = true
	defer c.writeEnds()
	_, _ = c.send(data) // nothing is written
}
