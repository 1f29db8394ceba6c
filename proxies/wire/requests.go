package wire

import (
	"bytes"
	"slices"

	"gauntlet/proxies/http1"
)

// noteRequests follows bytes that no fault can strike.
func (c *conn) noteRequests(data []byte) {
	for len(data) > 0 {
		n, m := c.in.step(data)
		c.noteRequest(data[:n], m)
		data = data[n:]
	}
}

// noteRequest tells what a step of the inbound stream has reached.
func (c *conn) noteRequest(piece []byte, m http1.Mark) {
	switch {
	case m&http1.Began != 0:
		c.requestBegan()
	case m&greeted != 0:
		c.requestGreets(piece)
	case m&http1.Astray != 0:
		c.in.holding = false
		c.becomeOpaque(ByPeer, c.in.misread(piece))
	case c.in.State() == http1.Lost:
		c.tellOpaque(ByPeer, piece)
	default:
		c.in.count += len(piece)
		c.in.holding = c.in.holding && mayBeMethod(c.in.Head())
	}
	if m&http1.HeadDone != 0 {
		c.requestHead()
	}
	if m&http1.Done != 0 {
		c.requestDone()
	}
}

func (c *conn) requestBegan() {
	c.stopIdle()
	c.in.count, c.in.struck, c.in.asking, c.in.begun = 0, 0, nil, true
	c.in.holding = c.tap.hop().HoldsHead() || c.tap.hop().HoldsRequest()
	c.in.raw = c.in.raw[:0]
	c.emit(Event{Kind: RequestBegan})
}

func (c *conn) requestHead() {
	ex := &exchange{method: c.in.Method}
	if label := c.tap.options.Label; label != nil {
		ex.labels = label(c.in.Head())
	}
	ex.ordinal, ex.hits = c.tap.enter(ex.labels)
	c.open = append(c.open, ex)
	if c.tap.hop() != nil {
		ex.head = bytes.Clone(c.in.Head())
	}
	c.in.asking, c.in.holding = ex, c.in.holding && c.withholds(ex)
	c.emit(Event{Kind: RequestHead, Exchange: ex.ordinal, Labels: ex.labels, Data: c.in.Head()})
}

func (c *conn) requestDone() {
	c.in.begun = false
	ex := c.in.asking
	if label := c.tap.options.LabelBody; label != nil && c.in.bodySize > 0 {
		ex.labels = slices.Concat(ex.labels, label(c.in.body))
	}
	ex.hits = append(ex.hits, c.tap.hop().Body(ex.labels)...)
	c.emit(Event{Kind: RequestDone, Exchange: ex.ordinal, Labels: ex.labels, Data: c.in.body, Text: c.in.note()})
}

// mayBeMethod reports whether what has come of a head can begin with a method
// such as are in use. What cannot is not worth holding back.
func mayBeMethod(head []byte) bool {
	const longest = 20
	for i, b := range head[:min(len(head), longest)] {
		if b == ' ' && i > 0 {
			return true
		}
		if b < 'A' || b > 'Z' {
			return false
		}
	}
	return len(head) < longest
}
