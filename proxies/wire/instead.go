package wire

import "gauntlet/proxies/fault"

// Instead gives the peer this answer. At the landmark forward the box never
// sees the request; at answer the box's own answer is dropped.
func (s *Strike) Instead(a Answer) {
	if s.hit.Fault.Landmark.At != fault.AtForward {
		s.EditAnswer(func(Answer) Answer { return a })
		return
	}
	s.locked(func(c *conn) {
		if c.in.holding && c.cut == "" && !c.taken && !c.over && s.exchange.instead == nil {
			s.acted()
			s.exchange.instead = &a
		}
	})
}

// withholds reports whether the exchange may yet be kept from the box.
func (c *conn) withholds(ex *exchange) bool {
	if c.tap.hop().HoldsBody() {
		return true
	}
	for _, h := range ex.due(fault.AtForward) {
		if h.Withholds() {
			return true
		}
	}
	return false
}

// forgetRequest takes the complete request, of which the box has got nothing,
// out of what the box will get.
func (c *conn) forgetRequest() {
	start := c.in.parsed - c.in.count
	c.in.data = append(c.in.data[:start], c.in.data[c.in.parsed:]...)
	c.in.parsed, c.in.count = start, 0
}

// owes reports whether it is the turn of an answer of our own.
func (c *conn) owes() bool {
	ex := c.answering()
	return ex != nil && ex.instead != nil && c.out.phase == between && c.out.aside == nil &&
		!c.out.halted && !c.out.swallow && !c.taken
}

// giveOwn hands on the answers of our own whose turn it is. The caller has the
// outbound direction to itself.
func (c *conn) giveOwn() {
	for c.owes() {
		a := c.answering().instead
		c.answering().instead = nil
		c.out.ready, c.out.then = a.bytes(), a.Then
		_, _ = c.send(nil) // what went wrong shows at the box's next call
	}
}

// readOwn does so within a Read.
func (c *conn) readOwn() error {
	if c.out.busy {
		return c.rest(c.in.deadline)
	}
	c.out.busy = true
	defer c.writeEnds()
	c.giveOwn()
	return nil
}
