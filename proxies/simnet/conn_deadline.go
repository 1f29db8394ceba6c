package simnet

import "time"

// SetDeadline is SetReadDeadline and SetWriteDeadline.
func (c *Conn) SetDeadline(t time.Time) error { return c.limit(t, &c.reader, &c.writer) }

// SetReadDeadline makes reads, blocked ones too, fail with
// os.ErrDeadlineExceeded from t on, even when data is there; zero lifts it.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.limit(t, &c.reader) }

// SetWriteDeadline does for writes what SetReadDeadline does for reads.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.limit(t, &c.writer) }

// limit sets the deadline of some waiters; their sleepers look again.
func (c *Conn) limit(t time.Time, waiters ...*waiter) error {
	return c.whileOpen("set", func(time.Time) error {
		for _, w := range waiters {
			w.deadline = t
			w.wake()
		}
		return nil
	})
}
