package simnet

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"gauntlet/proxies/network"
)

var _ interface {
	net.Conn
	network.Redirected
	network.CloseWriter
	network.CloseReader
	network.Lingerer
} = (*Conn)(nil)

// Conn is one end of a connection. Its methods are safe for concurrent use.
// Errors other than io.EOF are *net.OpError around net.ErrClosed,
// os.ErrDeadlineExceeded, syscall.ECONNRESET or syscall.EPIPE.
type Conn struct {
	link          *link
	peer          *Conn
	local, remote *net.TCPAddr
	original      string
	path          int // the number of the direction in which this end sends

	reader, writer waiter

	// link.mu guards the rest.
	in        flow      // what comes from the peer
	reset     time.Time // when RST arrives here
	closed    bool
	readShut  bool // CloseRead was called
	writeShut bool // FIN was sent
	hard      bool // Close shall be a reset
}

func newConn(l *link, peer *Conn, local, remote *net.TCPAddr, path int) Conn {
	return Conn{link: l, peer: peer, local: local, remote: remote, path: path, reader: newWaiter(), writer: newWaiter()}
}

// LocalAddr is a *net.TCPAddr; of an accepted connection, its listener's.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr is a *net.TCPAddr; of a dialled connection, the address that was
// dialled, even if the connection was redirected.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// OriginalDestination is the ip:port that the dialler wanted, if this end was
// accepted through a Redirect, else empty.
func (c *Conn) OriginalDestination() string { return c.original }

// Read waits for data, or for the end of it (io.EOF). What arrived before a
// FIN or RST can be read after it, as on Linux; then a reset is
// syscall.ECONNRESET for good.
func (c *Conn) Read(b []byte) (int, error) {
	c.reader.acquire()
	defer c.reader.release()
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	for {
		n, err := c.tryRead(b, time.Now())
		if n > 0 || err != nil || len(b) == 0 {
			return n, c.failed("read", err)
		}
		c.reader.sleep(&c.link.mu, earlier(c.in.next(), earlier(c.reset, c.reader.deadline)))
	}
}

// tryRead returns zeros if there is nothing to tell yet.
func (c *Conn) tryRead(b []byte, now time.Time) (int, error) {
	switch {
	case c.closed:
		return 0, net.ErrClosed
	case reached(c.reader.deadline, now):
		return 0, os.ErrDeadlineExceeded
	case len(b) == 0:
		return 0, nil
	case c.in.readable(now):
		n := c.in.take(b, now)
		c.peer.writer.wake()
		return n, nil
	case c.readShut || c.in.finished(now):
		return 0, io.EOF
	case reached(c.reset, now):
		return 0, syscall.ECONNRESET
	}
	return 0, nil
}

// Write sends b, waiting while 256 KiB are under way or unread; like Linux it
// succeeds when b is on its way. It keeps no part of b.
func (c *Conn) Write(b []byte) (sent int, err error) {
	c.writer.acquire()
	defer c.writer.release()
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	for {
		now := time.Now()
		if err := c.unwritable(now); err != nil {
			return sent, c.failed("write", err)
		}
		if sent += c.send(b[sent:], now); sent == len(b) {
			return sent, nil
		}
		c.writer.sleep(&c.link.mu, earlier(c.reset, c.writer.deadline))
	}
}

// unwritable says why nothing can be written, nil if it can. A reset that
// follows the peer's FIN is a broken pipe, as on Linux.
func (c *Conn) unwritable(now time.Time) error {
	switch {
	case c.closed:
		return net.ErrClosed
	case reached(c.writer.deadline, now):
		return os.ErrDeadlineExceeded
	case c.writeShut:
		return syscall.EPIPE
	case reached(c.reset, now) && reached(c.in.fin, c.reset):
		return syscall.EPIPE
	case reached(c.reset, now):
		return syscall.ECONNRESET
	}
	return nil
}

// failed gives an error its usual clothes.
func (c *Conn) failed(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		err = os.NewSyscallError(op, err)
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

// Close ends this end at once, waking whoever is blocked on it. The peer reads
// what was written and then io.EOF; should it write, a reset comes back. The
// peer is reset instead if SetLinger(0) was called, or if data has arrived here
// that nobody read, as on Linux; only the former drops what is still on its way
// to the peer. A second Close is net.ErrClosed.
func (c *Conn) Close() error {
	wasOpen, last := c.close(time.Now())
	if !wasOpen {
		return c.failed("close", net.ErrClosed)
	}
	if last {
		c.link.net.forget(c.link)
	}
	return nil
}

// abort is SetLinger(0) and Close.
func (c *Conn) abort() {
	_ = c.SetLinger(0) // fails, as Close does, only if already closed
	_ = c.Close()
}

// PeerLeft is how the peer has given the connection up, whatever of that has arrived
// here or was read: FIN if it closed it, RST if it aborted it; empty if it has it
// still.
func (c *Conn) PeerLeft() (how string) {
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	switch {
	case !c.peer.closed:
		return ""
	case c.peer.hard:
		return "RST"
	}
	return "FIN"
}

// CloseWrite ends this direction: the peer reads what was written and then
// io.EOF. Writes here, blocked ones too, fail with syscall.EPIPE; reading goes
// on. After a reset it is syscall.ENOTCONN.
func (c *Conn) CloseWrite() error {
	return c.whileOpen("close", func(now time.Time) error {
		if reached(c.reset, now) {
			return syscall.ENOTCONN
		}
		c.finish(now)
		return nil
	})
}

// CloseRead ends the other direction here: reads, blocked ones too, return
// io.EOF, and what arrived or still arrives is dropped. The peer does not
// notice: TCP has no word for it.
func (c *Conn) CloseRead() error {
	return c.whileOpen("close", func(time.Time) error {
		c.readShut = true
		c.in.clear()
		c.reader.wake()
		c.peer.writer.wake()
		return nil
	})
}

// SetLinger chooses how Close ends the connection: 0 seconds means by a reset
// that drops what is on its way, anything else in the ordinary way.
func (c *Conn) SetLinger(seconds int) error {
	return c.whileOpen("set", func(time.Time) error {
		c.hard = seconds == 0
		return nil
	})
}

// whileOpen runs act with the lock held unless c is closed.
func (c *Conn) whileOpen(op string, act func(now time.Time) error) error {
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	if c.closed {
		return c.failed(op, net.ErrClosed)
	}
	return c.failed(op, act(time.Now()))
}

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
