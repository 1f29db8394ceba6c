package proxies

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
)

// single is a listener with one connection: Accept gives it and then waits for
// its end.
type single struct {
	conn  net.Conn
	ended chan struct{}

	mu   sync.Mutex
	gone bool
}

// Accept gives the connection once.
func (l *single) Accept() (net.Conn, error) {
	l.mu.Lock()
	first := !l.gone
	l.gone = true
	l.mu.Unlock()
	if first {
		return l.conn, nil
	}
	<-l.ended
	return nil, net.ErrClosed
}

// Close leaves the connection to the server.
func (l *single) Close() error { return nil }

// Addr is the connection's own.
func (l *single) Addr() net.Addr { return l.conn.LocalAddr() }

func bytesReader(p []byte) io.Reader { return bytes.NewReader(p) }

func cutScheme(url string) (scheme, rest string) {
	scheme, rest, _ = strings.Cut(url, "://")
	return scheme, rest
}
