package authority

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"

	"gauntlet/proxies/network"
)

// Opened is conn as whoever holds the server's key has it: from the first record of
// TLS on that its peer begins with, at once or within a tunnel that it has asked for
// in the clear, what is read and written is what stands within. failed hears of a
// handshake that did not come about.
func Opened(conn net.Conn, c *tls.Config, failed func(error)) net.Conn {
	return &opened{Conn: network.Conn{Conn: conn}, config: c, failed: failed}
}

// opened is such a connection. It is read by one goroutine at a time, and written by
// another.
type opened struct {
	network.Conn
	config *tls.Config
	failed func(error)
	inside atomic.Pointer[tls.Conn] // nil: all was in the clear so far
	hard   atomic.Bool              // Close is to be a reset, before which nothing is said
}

// firstRecord is the type of the record with which TLS begins. No request and no
// message of SOCKS begins with that byte.
const firstRecord = 0x16

// Read reads what stands within. Peers that hang up seldom say so by TLS.
func (o *opened) Read(p []byte) (int, error) {
	secure := o.inside.Load()
	if secure == nil {
		n, err := o.Conn.Read(p)
		if n == 0 || p[0] != firstRecord {
			return n, err
		}
		early := io.MultiReader(bytes.NewReader(bytes.Clone(p[:n])), o.Conn)
		secure = tls.Server(network.WithReader(o.Conn, early), o.config)
		o.inside.Store(secure)
		if err := secure.Handshake(); err != nil {
			o.failed(err)
			return 0, plainEnd(err)
		}
	}
	n, err := secure.Read(p)
	return n, plainEnd(err)
}

func plainEnd(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return io.EOF
	}
	return err
}

// Write has it stand within, once there is TLS.
func (o *opened) Write(p []byte) (int, error) {
	if secure := o.inside.Load(); secure != nil {
		return secure.Write(p)
	}
	return o.Conn.Write(p)
}

// SetLinger passes on the wish for a reset at Close.
func (o *opened) SetLinger(seconds int) error {
	o.hard.Store(seconds == 0)
	return o.Conn.SetLinger(seconds)
}

// CloseWrite says that nothing follows, by TLS and by FIN.
func (o *opened) CloseWrite() error {
	if secure := o.inside.Load(); secure != nil {
		_ = secure.CloseWrite() // the FIN says it, too
	}
	return o.Conn.CloseWrite()
}

// Close ends the connection.
func (o *opened) Close() error {
	if secure := o.inside.Load(); secure != nil && !o.hard.Load() {
		return secure.Close()
	}
	return o.Conn.Close()
}
