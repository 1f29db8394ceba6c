package wire

import (
	"slices"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/http1"
)

// sift moves the inbound stream on over the bytes that have come, as far as
// the faults let it, and frees what may pass.
func (c *conn) sift() {
	for c.in.parsed < len(c.in.data) && !c.link.boxHalted() {
		rest := c.in.data[c.in.parsed:]
		if c.in.State() == http1.InBody || c.in.State() == http1.InChunks {
			rest = rest[:c.in.asking.untilByte(fault.AtRequestByte, c.in.count, len(rest))]
		}
		blank := c.in.between() && c.in.withheld
		n, m := c.in.step(rest)
		if blank {
			n = c.dropBlank(n)
		}
		c.in.parsed += n
		c.in.keepRaw(rest[:n])
		c.noteRequest(rest[:n], m)
		c.strikeRequest(m)
	}
	if c.peerGone {
		c.in.holding = false // an unfinished head ends here
		c.release(c.in.count)
	}
}

// dropBlank takes the line ends behind a request that was kept from the box
// away as well: servers bear them behind a request that they have seen.
func (c *conn) dropBlank(n int) int {
	c.in.data = slices.Delete(c.in.data, c.in.parsed, c.in.parsed+n)
	return 0
}

// strikeRequest strikes the landmarks that a step has reached, in their order,
// each before the bytes that begin it are free. The other direction waits.
func (c *conn) strikeRequest(m http1.Mark) {
	c.in.striking++
	if m&http1.HeadDone != 0 {
		c.inject(c.in.asking.due(fault.AtHead), c.in.asking)
	}
	if m&http1.Done != 0 {
		c.strikeForward()
	}
	c.strikeBytes(c.in.count)
	c.release(c.in.count)
	if m&http1.Done != 0 {
		c.repeatRequest()
	}
	c.in.striking--
	c.wake()
}

// strikeForward strikes where the request is complete and its last byte is
// withheld, or all of it if it may be kept from the box.
func (c *conn) strikeForward() {
	ex := c.in.asking
	hits := ex.due(fault.AtForward)
	c.strikeBytes(c.in.count - 1)
	if !slices.ContainsFunc(hits, fault.Hit.Withholds) {
		c.in.holding = false
		c.release(c.in.count - 1)
	}
	c.inject(hits, ex)
	c.in.holding = false
	c.in.withheld = ex.instead != nil
	if c.in.withheld {
		c.forgetRequest()
	}
}

// strikeBytes strikes the request bytes up to last that are not yet behind.
func (c *conn) strikeBytes(last int) {
	for c.in.asking != nil && c.in.struck < last {
		c.in.struck += c.in.asking.untilByte(fault.AtRequestByte, c.in.struck, last-c.in.struck)
		hits := c.in.asking.dueAtByte(fault.AtRequestByte, c.in.struck)
		if hits != nil {
			c.release(c.in.struck)
			c.inject(hits, c.in.asking)
		}
	}
}

// release frees what has come of the request up to its byte n, and all before
// it, unless it is held or an effect has halted this direction.
func (c *conn) release(n int) {
	if !c.link.boxHalted() && !c.in.holding {
		c.in.free = max(c.in.free, c.in.parsed-(c.in.count-n))
	}
}
