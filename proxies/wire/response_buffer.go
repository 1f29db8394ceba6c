package wire

import (
	"bytes"
	"slices"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/http1"
)

// diversion collects an answer that the box writes and that does not go to the
// peer as it is.
type diversion struct {
	stream
	data []byte // what has come of it
	head int    // how much of data is the head
}

// diverts reports whether what the box writes next is to be collected: an
// answer that will be edited, or one that nobody but us has asked for.
func (c *conn) diverts() bool {
	ex := c.answering()
	switch {
	case c.out.aside != nil:
		return true
	case ex == nil || c.out.Interim() && c.out.State() == http1.InHead:
		return false
	case ex.ghost:
		return c.out.between()
	}
	return ex.edits != nil && c.out.State() == http1.InHead && len(c.out.Head()) == 0
}

// divert collects what the box writes and returns how much of it it has used.
// 0 means that data is too short.
func (c *conn) divert(data []byte) (used int) {
	if c.out.aside == nil {
		c.out.aside = &diversion{stream: stream{Reader: http1.Reader{Answers: true, Method: c.answering().method}}}
		c.out.Restart() // what comes in its place begins anew
	}
	for aside := c.out.aside; used < len(data) && c.out.aside == aside; {
		n, m := aside.step(data[used:])
		if n == 0 && m == 0 {
			break
		}
		aside.data = append(aside.data, data[used:used+n]...)
		used += n
		c.diverted(m)
	}
	return used
}

// diverted looks at what the collected answer has reached.
func (c *conn) diverted(m http1.Mark) {
	ex, aside := c.answering(), c.out.aside
	if m&http1.HeadDone != 0 {
		aside.head = len(aside.data)
	}
	switch complete := m&http1.Done != 0; {
	case ex.ghost && (complete || m&http1.Astray != 0):
		c.endGhost()
	case ex.ghost:
	case complete, m&http1.HeadDone != 0 && !ex.wantsWhole():
		c.endDiversion()
	case m&http1.Astray != 0, len(aside.data) > maxBody:
		ex.edits = nil
		c.endDiversion()
	}
}

// endDiversion lets what was collected take its way to the peer, edited.
func (c *conn) endDiversion() {
	aside := c.out.aside
	c.out.aside = nil
	a := fault.Answer{Head: aside.data[:aside.head:aside.head], Body: bytes.Clone(aside.data[aside.head:])}
	a = c.edited(c.answering(), a)
	c.out.ready, c.out.then = a.Bytes(), a.Then
}

// abandonDiversion hands on what was collected of an answer that the box will
// not complete. One that ends with the connection is complete now.
func (c *conn) abandonDiversion() {
	aside := c.out.aside
	switch {
	case aside == nil:
		return
	case c.answering().ghost:
		c.open, c.out.aside = c.open[1:], nil
		return
	case aside.State() != http1.UntilClose:
		c.answering().edits = nil
	}
	c.endDiversion()
	_, _ = c.send(nil) // the connection ends anyway
}

// answerEdit changes an answer of the box's before the peer gets it.
type answerEdit struct {
	edit      func(fault.Answer) fault.Answer
	injection *injection
	whole     bool // it wants the body too
}

// wantsWhole reports whether an edit needs the body.
func (e *exchange) wantsWhole() bool {
	for _, edit := range e.edits {
		if edit.whole {
			return true
		}
	}
	return false
}

// edited is what the edits make of an answer. Each is applied once.
func (c *conn) edited(ex *exchange, a fault.Answer) fault.Answer {
	edits := ex.edits
	ex.edits = nil
	for _, e := range edits {
		after := e.edit(a)
		if after.Equal(a) {
			continue
		}
		e.injection.acted()
		if !bytes.Equal(after.Head, a.Head) {
			c.emit(Event{Kind: Edited, Exchange: ex.ordinal, Fault: e.injection.hit.Text, Data: a.Head, Text: string(after.Head)})
		}
		a = after
	}
	return a
}

// nextReady gives a piece of what stands ready for the peer, up to the next
// landmark.
func (c *conn) nextReady(granted int) (piece []byte, due []fault.Hit) {
	n, due := c.pass(c.out.ready[:granted])
	if n == 0 && due == nil && c.out.between() {
		n = len(c.out.ready) // too little to tell what it is
	}
	piece, c.out.ready = c.out.ready[:n], c.out.ready[n:]
	return piece, due
}

// finishReady closes the connection if that belongs to what was handed on.
func (c *conn) finishReady() {
	if c.out.then == "" || len(c.out.ready) > 0 {
		return
	}
	how := c.out.then
	c.out.then = ""
	if c.out.Close() {
		c.out.struck = c.answering()
		_ = c.handStriking(nil, c.answerDone()) // the connection ends anyway
	}
	if c.link.how == "" && c.ends != byTap {
		c.cut(how)
	}
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
	return ex != nil && ex.instead != nil && c.out.between() && c.out.aside == nil &&
		!c.link.peerHalted() && !c.link.swallows() && !c.link.taken()
}

// giveOwn hands on the answers of our own whose turn it is. The caller has the
// outbound direction to itself.
func (c *conn) giveOwn() {
	for c.owes() {
		a := c.answering().instead
		c.answering().instead = nil
		c.out.ready, c.out.then = a.Bytes(), a.Then
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

// keepRaw keeps the request at hand as it came, for the case that it is to be
// repeated.
func (i *inbound) keepRaw(piece []byte) {
	if len(i.raw) <= maxBody {
		i.raw = append(i.raw, piece...)
	}
}

// repeatRequest puts the repeated request behind the one at hand, which is free.
func (c *conn) repeatRequest() {
	if len(c.in.again) == 0 || c.link.boxHalted() {
		return
	}
	c.in.data = slices.Concat(c.in.data[:c.in.parsed], c.in.again, c.in.data[c.in.parsed:])
	c.in.parsed += len(c.in.again)
	c.in.free = c.in.parsed
	c.in.again = nil
}

// repeat gives the box the request once more.
func (c *conn) repeat(ex *exchange, gives fault.Which) {
	i := slices.Index(c.open, ex)
	ghost := &exchange{ghost: true, method: ex.method}
	if gives == fault.First {
		c.in.again = append(c.in.again, c.in.raw...)
		i++
	} else {
		ghost.again = slices.Clone(c.in.raw)
	}
	c.open = slices.Insert(c.open, i, ghost)
}

// endGhost ends an exchange whose answer was swallowed, and sends the request
// again if it was for that.
func (c *conn) endGhost() {
	again := c.answering().again
	c.open, c.out.aside = c.open[1:], nil
	if len(again) == 0 || c.link.boxHalted() || c.ends != inUse {
		return
	}
	c.in.data = slices.Concat(c.in.data[:c.in.free], again, c.in.data[c.in.free:])
	c.in.free += len(again)
	c.in.parsed += len(again)
	c.in.ahead = longAgo
	_ = c.Conn.SetReadDeadline(longAgo) // a Read that waits for the peer shall look; fails only if the connection has ended
	c.wake()
}

// real is the first exchange that is the peer's own, or nil.
func (c *conn) real() *exchange {
	for _, ex := range c.open {
		if !ex.ghost {
			return ex
		}
	}
	return nil
}
