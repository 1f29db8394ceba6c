package wire

import "bytes"

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

// tellCut tells what has come of a request, or of a greeting, that will not be
// complete.
func (in *inbound) tellCut() {
	switch in := &in.conn.in; {
	case in.greeting.underway:
		in.conn.tellOpaque(ByPeer, in.greeting.untold)
		in.greeting.untold = nil
	case !in.begun:
	case in.asking == nil && len(in.Head()) > 0:
		in.conn.emit(Event{Kind: RequestCut, Data: bytes.Clone(in.Head())})
	case in.asking != nil && len(in.body) > 0:
		in.conn.emit(Event{Kind: RequestCut, Exchange: in.asking.ordinal, Labels: in.asking.labels, Data: bytes.Clone(in.body), Text: in.note()})
	}
}
