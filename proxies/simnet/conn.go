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

	reader, writer waiter

	// link.mu guards the rest.
	in        flow      // what comes from the peer
	reset     time.Time // when RST arrives here
	closed    bool
	readShut  bool // CloseRead was called
	writeShut bool // FIN was sent
	hard      bool // Close shall be a reset
}

func newConn(l *link, peer *Conn, local, remote *net.TCPAddr) Conn {
	return Conn{link: l, peer: peer, local: local, remote: remote, reader: newWaiter(), writer: newWaiter()}
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
