package wire

import "bytes"

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
	case ex == nil || c.out.class == '1' && c.out.phase == inHead:
		return false
	case ex.ghost:
		return c.out.phase == between
	}
	return ex.edits != nil && c.out.phase == inHead && len(c.out.head) == 0
}

// divert collects what the box writes and returns how much of it it has used.
// 0 means that data is too short.
func (c *conn) divert(data []byte) (used int) {
	if c.out.aside == nil {
		c.out.aside = &diversion{stream: stream{answers: true, method: c.answering().method, phase: c.out.phase, class: c.out.class}}
		c.out.phase = between // what comes in its place begins anew
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
func (c *conn) diverted(m mark) {
	ex, aside := c.answering(), c.out.aside
	if m&headDone != 0 {
		aside.head = len(aside.data)
	}
	switch complete := m&done != 0; {
	case ex.ghost && (complete || m&opaque != 0):
		c.endGhost()
	case ex.ghost:
	case complete, m&headDone != 0 && !ex.wantsWhole():
		c.endDiversion()
	case m&opaque != 0, len(aside.data) > maxBody:
		ex.edits = nil
		c.endDiversion()
	}
}

// endDiversion lets what was collected take its way to the peer, edited.
func (c *conn) endDiversion() {
	aside := c.out.aside
	c.out.aside = nil
	a := Answer{Head: aside.data[:aside.head:aside.head], Body: bytes.Clone(aside.data[aside.head:])}
	a = c.edited(c.answering(), a)
	c.out.ready, c.out.then = a.bytes(), a.Then
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
	case aside.phase != untilClose:
		c.answering().edits = nil
	}
	c.endDiversion()
	_, _ = c.send(nil) // the connection ends anyway
}
