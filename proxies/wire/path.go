package wire

import (
	"cmp"
	"errors"
	"net"
	"slices"
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
	// Left is what the connecting end's own socket says now: FIN if it has closed
	// the connection, RST if it has none any more, empty if it has it still. The
	// error is that nobody could be asked.
	Left(conn net.Conn) (how string, err error)
}

// passage is what a connection has on the path.
type passage struct {
	conn    *conn
	ready   int    // how much of what stands ready was written, and is not known to have arrived
	unheard []byte // what the box wrote behind that, likewise
	arrived int    // how much of what comes next has been written already
}

// disturb does something on the path; a loss ends after t, unless t is 0.
func (pt *passage) disturb(path Path, f fault.Flow, d fault.Direction, t time.Duration) error {
	switch f {
	case fault.KillFlow:
		return path.Kill(pt.conn.Conn)
	case fault.ForgetFlow:
		return path.Forget(pt.conn.Conn, pt.left)
	case fault.RejectFlow:
		return path.Reject(pt.conn.Conn, pt.left)
	}
	heal, err := path.Lose(pt.conn.Conn, d, pt.left)
	if err == nil && t > 0 {
		pt.conn.tap.drain(func() { pt.healed(path, heal, t) })
	}
	return err
}

// left notes that the peer has given up a connection whose box cannot
// hear of it.
func (pt *passage) left(how string) {
	pt.conn.mu.Lock()
	defer pt.conn.mu.Unlock()
	if pt.conn.link.disturbed() {
		pt.conn.closed(ByPeer, how)
	}
}

// send writes what may never arrive: what stands ready for the peer, and data behind
// that. It is told of, as given to the peer, only once it has.
func (pt *passage) send(data []byte) error {
	ready := pt.conn.responses.ready
	rest := slices.Concat(ready[pt.ready:], data)
	pt.ready, pt.unheard = len(ready), append(pt.unheard, data...)
	for len(rest) > 0 {
		n, err := pt.conn.out.writeNetwork(rest)
		if err != nil {
			return pt.conn.out.writeFailed(err)
		}
		rest = rest[n:]
	}
	return nil
}

// lost is how much was written and is not known to have arrived.
func (pt *passage) lost() int { return pt.ready + len(pt.unheard) }

// healing is how often it is looked whether what was lost has arrived.
const healing = 2 * time.Millisecond

// healed heals the road after t, and tells of what was lost when it has arrived.
func (pt *passage) healed(path Path, heal func() error, t time.Duration) {
	if !pt.endures(t) {
		return
	}
	if err := heal(); err != nil {
		pt.conn.tap.broke(err)
		return
	}
	for !path.Arrived(pt.conn.Conn) {
		if !pt.endures(healing) {
			return
		}
	}
	pt.conn.mu.Lock()
	defer pt.conn.mu.Unlock()
	pt.reunite()
	lookAgain(&pt.conn.in) // an answer of our own may have waited for that
}

// heardAfterAll reports whether what was lost has arrived, although nobody has
// noticed yet: a peer that wants nothing more leaves as soon as it has it.
func (pt *passage) heardAfterAll() bool {
	return pt.conn.link.state == partitioned && pt.lost() > 0 && pt.conn.tap.options.Path.Arrived(pt.conn.Conn)
}

// endures waits; false if the connection has ended meanwhile.
func (pt *passage) endures(t time.Duration) bool {
	end := time.Now().Add(t)
	pt.conn.mu.Lock()
	defer pt.conn.mu.Unlock()
	for pt.conn.ends == inUse && !pt.conn.ended {
		if pt.conn.rest(end) != nil {
			return true
		}
	}
	return false
}

// reunite goes on as if what has arrived had just been given.
func (pt *passage) reunite() {
	for pt.conn.out.busy && pt.conn.ends != byTap {
		_ = pt.conn.rest(time.Time{}) // it has no end
	}
	if pt.conn.link.state != partitioned {
		return // somebody else was first
	}
	data := pt.unheard
	pt.arrived = pt.lost()
	pt.ready, pt.unheard = 0, nil
	pt.conn.link.meet(heal)
	if pt.conn.ended {
		return
	}
	pt.conn.out.busy = true
	defer pt.conn.out.writeEnds()
	_, _ = pt.conn.out.send(data) // nothing is written
}

// besideOf is what the peers' own sockets say of the connections on which a request
// is out, while another begins on c. What cannot be seen is not told. Nobody waits
// for the lock of a connection: two that begin at once would wait for each other.
func besideOf(c *conn) (told []Event) {
	t := c.tap
	if !t.options.Beside {
		return nil
	}
	open := unanswered(t, c)
	told = make([]Event, 0, len(open))
	for _, other := range open {
		if how, err := peerLeft(t.options.Path, other.Conn); err == nil {
			told = append(told, Event{Kind: Beside, Conn: other.id, How: cmp.Or(how, stillOpen), Given: c.id})
		}
	}
	return told
}

// inMemory is a connection both ends of which are here.
type inMemory interface {
	// PeerLeft is as Path.Left.
	PeerLeft() (how string)
}

var errUnseen = errors.New("nobody sees the peer's own socket")

// peerLeft asks the peer's own socket.
func peerLeft(path Path, conn net.Conn) (how string, err error) {
	if path != nil {
		return path.Left(conn)
	}
	switch c := conn.(type) {
	case inMemory:
		return c.PeerLeft(), nil
	case interface{ NetConn() net.Conn }:
		return peerLeft(nil, c.NetConn())
	}
	return "", errUnseen
}

// unanswered are the other connections of the peer's machine on which a request is
// out, in the order in which they were made. In a crowd those of all others would
// be told for each request of anybody.
func unanswered(t *Tap, c *conn) (list []*conn) {
	for _, other := range besides(t, c) {
		if !other.mu.TryLock() {
			continue
		}
		if !other.ended && other.open.real() != nil {
			list = append(list, other)
		}
		other.mu.Unlock()
	}
	return list
}

// besides are the other connections of c's peer.
func besides(t *Tap, c *conn) (list []*conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for other := range t.conns {
		if other != c && other.peer == c.peer {
			list = append(list, other)
		}
	}
	slices.SortFunc(list, func(a, b *conn) int { return cmp.Compare(a.id, b.id) })
	return list
}

// hostOf is an address without its port.
func hostOf(a net.Addr) string {
	host, _, _ := net.SplitHostPort(a.String()) // one without a port is nobody's
	return host
}
