package wire

import "bytes"

// maxOpaque is how many of the first opaque bytes are told.
const maxOpaque = 512

// becomeOpaque stops parsing in both directions. What was taken for a head is
// told at once; else the next bytes will be, whoever sends them.
func (c *conn) becomeOpaque(by string, head []byte) {
	c.in.phase, c.out.phase = notHTTP, notHTTP
	c.in.holding, c.in.begun = false, false
	c.untold = !c.told
	if len(head) > 0 {
		c.tellOpaque(by, head)
	}
}

// tellOpaque tells, once, the first bytes that are not HTTP.
func (c *conn) tellOpaque(by string, data []byte) {
	if !c.untold || len(data) == 0 {
		return
	}
	c.untold, c.told = false, true
	c.emit(Event{Kind: Opaque, By: by, Data: bytes.Clone(data[:min(len(data), maxOpaque)])})
}
