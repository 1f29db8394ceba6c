package wire

import "slices"

// Which says which of two answers the peer gets.
type Which int

// The choices.
const (
	First Which = iota
	Second
)

// Repeat gives the box the request once more after itself, on the same
// connection. The peer gets one of the answers; the other is swallowed. It
// means something at the landmark forward.
func (s *Strike) Repeat(gives Which) {
	s.locked(func(c *conn) {
		i := slices.Index(c.open, s.exchange)
		if i < 0 || s.exchange.instead != nil || c.in.halted || c.cut != "" || c.over {
			return
		}
		s.acted()
		c.in.again = append(c.in.again, c.in.raw...)
		if gives == First {
			i++
		}
		c.open = slices.Insert(c.open, i, &exchange{ghost: true, method: s.exchange.method})
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

// real is the first exchange that is the peer's own, or nil.
func (c *conn) real() *exchange {
	for _, ex := range c.open {
		if !ex.ghost {
			return ex
		}
	}
	return nil
}
