package rig

import (
	"net"
	"sync"
)

// apart splits a listener in two by who connects. Closing either half closes
// the listener.
type apart struct {
	net.Listener
	conns chan net.Conn
	done  chan struct{} // closed with the listener
	stop  func() error  // closes it, once
}

// setApart gives one listener for the connections that are theirs, and one for
// all others. The goroutine that accepts for both ends with the listener.
func setApart(l net.Listener, theirs func(net.Conn) bool) (others, apartFrom net.Listener, run func()) {
	done := make(chan struct{})
	stop := sync.OnceValue(func() error {
		close(done)
		return l.Close()
	})
	a := &apart{l, make(chan net.Conn), done, stop}
	b := &apart{l, make(chan net.Conn), done, stop}
	return a, b, func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				_ = stop() // it was closed, or is of no use any more
				return
			}
			to := a
			if theirs(conn) {
				to = b
			}
			select {
			case to.conns <- conn:
			case <-done:
				_ = conn.Close() // nobody serves it any more
			}
		}
	}
}

// Accept returns the next connection of this half.
func (a *apart) Accept() (net.Conn, error) {
	select {
	case conn := <-a.conns:
		return conn, nil
	case <-a.done:
		return nil, net.ErrClosed
	}
}

// Close closes the listener for both halves.
func (a *apart) Close() error { return a.stop() }
