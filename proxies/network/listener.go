package network

import (
	"net"
	"sync"
)

// Wrap returns l with each accepted connection replaced by what wrap makes of
// it. An error of wrap's is Accept's; the connection is then wrap's to close.
func Wrap(l net.Listener, wrap func(net.Conn) (net.Conn, error)) net.Listener {
	return &wrapping{l, wrap}
}

type wrapping struct {
	net.Listener
	wrap func(net.Conn) (net.Conn, error)
}

// Accept wraps what the listener beneath accepts.
func (w *wrapping) Accept() (net.Conn, error) {
	c, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return w.wrap(c)
}

// OneConn is a listener with one connection: Accept gives it once and then waits
// until ended is closed. Close leaves the connection alone.
func OneConn(conn net.Conn, ended <-chan struct{}) net.Listener {
	l := &oneConn{conns: make(chan net.Conn, 1), address: conn.LocalAddr(), ended: ended}
	l.conns <- conn
	return l
}

type oneConn struct {
	conns   chan net.Conn
	address net.Addr
	ended   <-chan struct{}
}

// Accept gives the connection once.
func (l *oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.ended:
		return nil, net.ErrClosed
	}
}

// Close leaves the connection to the server.
func (l *oneConn) Close() error { return nil }

// Addr is the connection's own.
func (l *oneConn) Addr() net.Addr { return l.address }

// Lendable is a listener that is lent to one server after the other. Each
// closes what it was lent; the listener beneath goes on until End. It owns a
// goroutine, which ends with the listener.
type Lendable struct {
	listener net.Listener
	conns    chan net.Conn
	over     chan struct{} // closed when the listener beneath has failed
	err      error         // why; to be read after over
	once     sync.Once
}

// Lend takes l over.
func Lend(l net.Listener) *Lendable {
	s := &Lendable{listener: l, conns: make(chan net.Conn), over: make(chan struct{})}
	go s.accept()
	return s
}

// accept hands connections over until the listener ends.
func (s *Lendable) accept() {
	defer close(s.over)
	for {
		c, err := s.listener.Accept()
		if err != nil {
			s.err = err
			return
		}
		s.conns <- c
	}
}

// End closes the listener beneath, and whatever waits there for a server.
func (s *Lendable) End() {
	s.once.Do(func() { _ = s.listener.Close() }) // nobody is left to hear of an error
	for {
		select {
		case c := <-s.conns:
			_ = c.Close()
		case <-s.over:
			return
		}
	}
}

// Ended reports whether the listener beneath accepts no more.
func (s *Lendable) Ended() bool {
	select {
	case <-s.over:
		return true
	default:
		return false
	}
}

// Listener returns the listener for one server, which gives it back by closing
// it.
func (s *Lendable) Listener() net.Listener { return &lent{from: s, back: make(chan struct{})} }

type lent struct {
	from *Lendable
	back chan struct{}
	once sync.Once
}

// Accept waits for the next connection while the listener is lent.
func (l *lent) Accept() (net.Conn, error) {
	select {
	case <-l.back:
		return nil, net.ErrClosed
	default:
	}
	select {
	case c := <-l.from.conns:
		return c, nil
	case <-l.back:
		return nil, net.ErrClosed
	case <-l.from.over:
		return nil, l.from.err
	}
}

// Addr is where the listener beneath listens.
func (l *lent) Addr() net.Addr { return l.from.listener.Addr() }

// Close gives the listener back.
func (l *lent) Close() error {
	l.once.Do(func() { close(l.back) })
	return nil
}
