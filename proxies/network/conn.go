package network

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
)

// Conn wraps a connection. Whoever embeds it overrides the methods that it is
// about; everything else that the connection beneath can do (half-close,
// linger, its descriptor, its original destination) is passed on, because what
// a wrapper hides changes how net/http, goproxy and a relay end connections.
// What the connection beneath cannot do is errors.ErrUnsupported.
type Conn struct{ net.Conn }

// NetConn returns the connection beneath.
func (c Conn) NetConn() net.Conn { return c.Conn }

// CloseWrite sends FIN.
func (c Conn) CloseWrite() error {
	if w, ok := c.Conn.(CloseWriter); ok {
		return w.CloseWrite()
	}
	return errors.ErrUnsupported
}

// CloseRead refuses what the peer still sends.
func (c Conn) CloseRead() error {
	if r, ok := c.Conn.(CloseReader); ok {
		return r.CloseRead()
	}
	return errors.ErrUnsupported
}

// SetLinger passes on the wish for a reset at Close.
func (c Conn) SetLinger(seconds int) error {
	if l, ok := c.Conn.(Lingerer); ok {
		return l.SetLinger(seconds)
	}
	return errors.ErrUnsupported
}

// SyscallConn returns the descriptor beneath.
func (c Conn) SyscallConn() (syscall.RawConn, error) {
	if s, ok := c.Conn.(syscall.Conn); ok {
		return s.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

// WithReader returns conn as a connection whose bytes are those of r, which reads
// on from conn itself once it has given what was read too early.
func WithReader(conn net.Conn, r io.Reader) net.Conn { return &withReader{Conn{conn}, r} }

type withReader struct {
	Conn
	from io.Reader
}

// Read reads from where the bytes are.
func (c *withReader) Read(p []byte) (int, error) { return c.from.Read(p) }

// Reset closes conn so that its peer sees a connection reset; a connection
// that cannot reset is closed in the ordinary way.
func Reset(conn net.Conn) error {
	if l, ok := conn.(Lingerer); ok {
		_ = l.SetLinger(0) // a connection that is already gone needs no linger
	}
	return conn.Close()
}

// CloseWrite sends FIN on conn; a connection that cannot half-close is closed
// whole.
func CloseWrite(conn net.Conn) error {
	w, ok := conn.(CloseWriter)
	if !ok {
		return conn.Close()
	}
	if err := w.CloseWrite(); !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return conn.Close()
}

// OriginalDestination returns where conn's dialler wanted to go, looking through
// wrappers that offer NetConn; ok is false if the connection was not redirected.
func OriginalDestination(conn net.Conn) (address string, ok bool) {
	for conn != nil {
		if r, is := conn.(Redirected); is {
			if a := r.OriginalDestination(); a != "" {
				return a, true
			}
		}
		w, is := conn.(interface{ NetConn() net.Conn })
		if !is {
			return "", false
		}
		conn = w.NetConn()
	}
	return "", false
}

// IsReset reports whether err means that the peer reset the connection; the last
// two are what Windows says.
func IsReset(err error) bool {
	const wsaConnAborted, wsaConnReset = syscall.Errno(10053), syscall.Errno(10054)
	for _, errno := range []syscall.Errno{syscall.ECONNRESET, syscall.EPIPE, wsaConnAborted, wsaConnReset} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

// IsTimeout reports whether err means that something took too long.
func IsTimeout(err error) bool {
	var ne net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout()
}
