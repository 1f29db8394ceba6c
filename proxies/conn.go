package proxies

import (
	"errors"
	"net"
	"sync"
	"syscall"

	"gauntlet/proxies/network"
)

// conn is a connection of a box, on either face. It passes on everything that
// the connection beneath can do (half-close, linger, its descriptor, its
// original destination), because what a wrapper hides changes how net/http,
// goproxy and the relay end connections.
type conn struct {
	net.Conn
	forget func() // told once, when the connection is closed
	once   sync.Once
}

// NetConn is the connection beneath.
func (c *conn) NetConn() net.Conn { return c.Conn }

// Close closes the connection beneath.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.forget)
	return err
}

// CloseWrite sends FIN; a connection that cannot half-close is closed whole.
func (c *conn) CloseWrite() error { return closeWrite(c.Conn) }

// CloseRead refuses what the peer still sends, where the connection can.
func (c *conn) CloseRead() error {
	if r, ok := c.Conn.(network.CloseReader); ok {
		return r.CloseRead()
	}
	return nil
}

// SetLinger passes on the wish for a reset at Close.
func (c *conn) SetLinger(seconds int) error {
	if l, ok := c.Conn.(network.Lingerer); ok {
		return l.SetLinger(seconds)
	}
	return errors.ErrUnsupported
}

// SyscallConn is the descriptor beneath, if there is one.
func (c *conn) SyscallConn() (syscall.RawConn, error) {
	if s, ok := c.Conn.(syscall.Conn); ok {
		return s.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

func closeWrite(c net.Conn) error {
	if w, ok := c.(network.CloseWriter); ok {
		return w.CloseWrite()
	}
	return c.Close()
}

// isReset tells whether err means that the peer reset the connection; the last
// two are what Windows says.
func isReset(err error) bool {
	const wsaConnAborted, wsaConnReset = syscall.Errno(10053), syscall.Errno(10054)
	for _, errno := range []syscall.Errno{syscall.ECONNRESET, syscall.EPIPE, wsaConnAborted, wsaConnReset} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}
