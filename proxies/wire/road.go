package wire

import (
	"net"
	"time"
)

// Road is the way that packets take between the two ends of a hop, where a
// kernel and routers can do to an established connection what neither end can.
// A Tap is given one where there is such a way.
//
// A call returns when it is in effect, and does not wait for anything else.
// conn is the accepting end. left, if it is given, is called once, from another
// goroutine, when the connecting end has given the connection up; how is FIN if
// it closed it, and RST if it was told that there is none.
type Road interface {
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
	Lose(conn net.Conn, d Direction, left func(how string)) (heal func() error, err error)
	// Arrived reports whether the other end has acknowledged all that was
	// written to the accepting end.
	Arrived(conn net.Conn) bool
}

// KillFlow has the kernel end the connection: the peer gets RST, the box an
// error.
func (s *Strike) KillFlow() {
	s.onRoad(func(c *conn, road Road) error {
		if c.cut != "" {
			return nil
		}
		if err := road.Kill(c.Conn); err != nil {
			return err
		}
		s.acted()
		c.cutBox(RST)
		c.cutPeer(RST)
		return nil
	})
}

// ForgetFlow has the router forget the connection.
func (s *Strike) ForgetFlow() {
	s.part(func(c *conn, road Road) error { return road.Forget(c.Conn, c.leftUnheard) })
}

// RejectFlow has the router turn away what the peer sends next.
func (s *Strike) RejectFlow() {
	s.part(func(c *conn, road Road) error { return road.Reject(c.Conn, c.leftUnheard) })
}

// LoseFlow has the router lose what is sent in one direction; if t is not 0,
// for so long.
func (s *Strike) LoseFlow(d Direction, t time.Duration) {
	s.part(func(c *conn, road Road) error {
		heal, err := road.Lose(c.Conn, d, c.leftUnheard)
		if err == nil && t > 0 {
			c.tap.drain(func() { c.healed(road, heal, t) })
		}
		return err
	})
}

// part makes the two ends stop hearing each other.
func (s *Strike) part(on func(*conn, Road) error) {
	s.onRoad(func(c *conn, road Road) error {
		if c.parted || c.taken {
			return nil
		}
		if err := on(c, road); err != nil {
			return err
		}
		s.acted()
		c.parted = true
		c.stopIdle()
		return nil
	})
}

// onRoad runs a primitive where there is a road. What goes wrong there is kept
// until the Tap is closed.
func (s *Strike) onRoad(primitive func(*conn, Road) error) {
	road := s.tap.options.Road
	if road == nil {
		return
	}
	s.locked(func(c *conn) {
		if c.over {
			return
		}
		if err := primitive(c, road); err != nil {
			s.tap.broke(err)
		}
	})
}

// leftUnheard notes that the peer has given up a connection whose box cannot
// hear of it.
func (c *conn) leftUnheard(how string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.parted {
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
func (c *conn) healed(road Road, heal func() error, t time.Duration) {
	if !c.endures(t) {
		return
	}
	if err := heal(); err != nil {
		c.tap.broke(err)
		return
	}
	for !road.Arrived(c.Conn) {
		if !c.endures(healing) {
			return
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reunite()
}

// heardAfterAll tells whether what was lost has arrived, although nobody has
// noticed yet: a peer that wants nothing more leaves as soon as it has it.
func (c *conn) heardAfterAll() bool {
	return c.parted && len(c.out.unheard) > 0 && c.tap.options.Road.Arrived(c.Conn)
}

// endures waits; false if the connection has ended meanwhile.
func (c *conn) endures(t time.Duration) bool {
	end := time.Now().Add(t)
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.over && !c.boxClosed && !c.ended {
		if c.rest(end) != nil {
			return true
		}
	}
	return false
}

// reunite goes on as if what has arrived had just been given.
func (c *conn) reunite() {
	for c.out.busy && !c.over {
		_ = c.rest(time.Time{}) // it has no end
	}
	if !c.parted {
		return // somebody else was first
	}
	data := c.out.unheard
	c.parted, c.out.unheard, c.out.arrived = false, nil, len(data)
	if c.over || c.ended || len(data) == 0 {
		return
	}
	c.out.busy = true
	defer c.writeEnds()
	_, _ = c.send(data) // nothing is written
}
