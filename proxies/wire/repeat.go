package wire

import "slices"

// Which says which of two answers the peer gets.
type Which int

// The choices.
const (
	First Which = iota
	Second
)

// Repeat gives the box the request once more, on the same connection: at once
// if the peer gets the first answer, after the first answer if it gets the
// second. The other answer is swallowed. It means something at the landmark
// forward.
func (s *Strike) Repeat(gives Which) {
	s.locked(func(c *conn) {
		i := slices.Index(c.open, s.exchange)
		if i < 0 || s.exchange.instead != nil || c.in.halted || c.cut != "" || c.over {
			return
		}
		s.acted()
		ghost := &exchange{ghost: true, method: s.exchange.method}
		if gives == First {
			c.in.again = append(c.in.again, c.in.raw...)
			i++
		} else {
			ghost.again = slices.Clone(c.in.raw)
		}
		c.open = slices.Insert(c.open, i, ghost)
	})
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
	if len(c.in.again) == 0 || c.in.halted {
		return
	}
	c.in.data = slices.Concat(c.in.data[:c.in.parsed], c.in.again, c.in.data[c.in.parsed:])
	c.in.parsed += len(c.in.again)
	c.in.free = c.in.parsed
	c.in.again = nil
}

// endGhost ends an exchange whose answer was swallowed, and sends the request
// again if it was for that.
func (c *conn) endGhost() {
	again := c.answering().again
	c.open, c.out.aside = c.open[1:], nil
	if len(again) == 0 || c.in.halted || c.boxClosed {
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
