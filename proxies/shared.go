package proxies

import (
	"net"
	"sync"
)

// shared is a listener that is lent to one box after the other. Each closes
// what it was lent; the listener beneath goes on.
type shared struct {
	net.Listener
	conns chan net.Conn
	over  chan struct{} // closed when the listener beneath has failed
	err   error         // why; to be read after over
	once  sync.Once
}

func newShared(l net.Listener) *shared {
	s := &shared{Listener: l, conns: make(chan net.Conn), over: make(chan struct{})}
	go s.accept()
	return s
}

// accept hands connections over until the listener ends.
func (s *shared) accept() {
	defer close(s.over)
	for {
		c, err := s.Accept()
		if err != nil {
			s.err = err
			return
		}
		s.conns <- c
	}
}

// end closes the listener beneath, and whatever waits there for a box.
func (s *shared) end() {
	s.once.Do(func() { _ = s.Close() }) // nobody is left to hear of an error
	for {
		select {
		case c := <-s.conns:
			_ = c.Close()
		case <-s.over:
			return
		}
	}
}

func (s *shared) ended() bool {
	select {
	case <-s.over:
		return true
	default:
		return false
	}
}

// lend gives the listener for one box.
func (s *shared) lend() net.Listener { return &lent{shared: s, back: make(chan struct{})} }

type lent struct {
	*shared
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
	case c := <-l.conns:
		return c, nil
	case <-l.back:
		return nil, net.ErrClosed
	case <-l.over:
		return nil, l.err
	}
}

// Close gives it back.
func (l *lent) Close() error {
	l.once.Do(func() { close(l.back) })
	return nil
}
