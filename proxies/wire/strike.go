package wire

import (
	"net"

	"gauntlet/proxies/fault"
)

// Effect is what a fault does. Strike is called when the landmark is reached,
// before the bytes that begin it are handed on. It must not block: it chooses
// among the primitives of Strike, and the connection obeys them from then on.
// An Effect holds no state of its own; the same value strikes all connections.
type Effect interface {
	Strike(*Strike)
}

// Strike is one fault striking one connection. Its methods are the primitives
// of which effects are made; the first that acts records that the fault has
// fired. They do nothing where there is nothing left to act upon.
type Strike struct {
	tap      *Tap
	hit      fault.Hit
	id       int // the connection's number
	peer     string
	attempt  net.Conn // refusals on real sockets: what was accepted
	conn     *conn    // nil while there is only an attempt
	exchange *exchange
	refused  bool
	fired    bool
}

// Fault is the fault that strikes. It is not to be changed.
func (s *Strike) Fault() *fault.Fault { return s.hit.Fault }

// Args are the arguments of the effect, as the fault's text gives them.
func (s *Strike) Args() []string { return s.hit.Fault.Effect.Args }

// run runs the effect, unless the fault's time is over.
func (s *Strike) run() {
	effect := s.tap.options.Effects[s.hit.Fault.Effect.Name]
	if effect != nil && !s.hit.Over(s.tap.since()) {
		effect.Strike(s)
	}
}

// acted records, once, that the fault has fired.
func (s *Strike) acted() {
	if s.fired {
		return
	}
	s.fired = true
	s.tap.act(s.hit.Text, s.id, s.exchange.number())
}

// locked runs a primitive on the connection, if there is one.
func (s *Strike) locked(primitive func(c *conn)) {
	if s.conn == nil {
		return
	}
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	primitive(s.conn)
	s.conn.wake()
}

// strike runs the effects of the hits, one after the other. c.mu is held, but
// not while an effect runs.
func (c *conn) strike(hits []fault.Hit, ex *exchange) {
	for _, hit := range hits {
		s := Strike{tap: c.tap, hit: hit, id: c.id, conn: c, exchange: ex}
		c.mu.Unlock()
		s.run()
		c.mu.Lock()
	}
}
