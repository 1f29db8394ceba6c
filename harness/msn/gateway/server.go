package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"
)

// server is the listeners and connections of a gateway. Each connection has a
// goroutine.
type server struct {
	g     *Gateway
	ended sync.WaitGroup // the connections

	mu        sync.Mutex // guards what follows
	listeners map[net.Listener]struct{}
	conns     map[*conn]int // numbered as they came
	arrivals  int           // the number of the last
	leaving   bool          // nobody is waited for who has not asked
	closed    bool
	down      time.Time // until then connections are reset
}

func newServer(g *Gateway) *server {
	return &server{g: g, listeners: map[net.Listener]struct{}{}, conns: map[*conn]int{}}
}

// serve takes connections until the server leaves or the listener fails.
func (s *server) serve(l net.Listener) error {
	s.mu.Lock()
	over := s.closed || s.leaving
	if !over {
		s.listeners[l] = struct{}{}
	}
	s.mu.Unlock()
	if over {
		_ = l.Close() // whoever closed it before had the error
		return nil
	}
	defer s.drop(l)
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			s.welcome(c)
		case s.over(), s.left(l):
			return nil
		case !passing(err) || !s.rest():
			return fmt.Errorf("gateway at %s: %w", l.Addr(), err)
		}
	}
}

// drop closes a listener.
func (s *server) drop(l net.Listener) {
	s.mu.Lock()
	delete(s.listeners, l)
	s.mu.Unlock()
	_ = l.Close() // whoever closed it before had the error
}

// leave closes the listeners at an address, and gives the connections that came there.
func (s *server) leave(address string) (there []*conn) {
	for _, c := range s.open() {
		if c.lane.at == address {
			there = append(there, c)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.listeners {
		if hostOf(l.Addr().String()) == address {
			delete(s.listeners, l)
			_ = l.Close() // whoever closed it before had the error
		}
	}
	return there
}

// left reports whether a listener was closed by leave.
func (s *server) left(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, here := s.listeners[l]
	return !here
}

// over reports whether no more connections are taken.
func (s *server) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed || s.leaving
}

// passing reports whether a listener that fails so may go on: there are too many
// files for now, or who came is gone already.
func passing(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ECONNABORTED) || errors.Is(err, syscall.ECONNRESET)
}

// rest lets others end meanwhile; false if it is the gateway that does.
func (s *server) rest() bool {
	pause := time.NewTimer(20 * time.Millisecond)
	defer pause.Stop()
	select {
	case <-pause.C:
		return true
	case <-s.g.ctx.Done():
		return false
	}
}

// welcome serves a connection, if there is a place for it.
func (s *server) welcome(c net.Conn) {
	own := newConn(c, s)
	s.mu.Lock()
	if s.closed || s.leaving {
		s.mu.Unlock()
		_ = c.Close() // nobody will serve it
		return
	}
	s.ended.Add(1)
	s.arrivals++
	s.conns[own] = s.arrivals
	down := time.Now().Before(s.down)
	s.mu.Unlock()
	s.g.do(func(t *table) {
		if own.counted = t.visitors.connect(own.from); !own.counted {
			t.reject(greedy(ReasonConnections), &request{from: own.from}, 0)
		}
	})
	switch {
	case down:
		own.abort()
		s.gone(own)
	case !own.counted:
		_ = own.Close()
		s.gone(own)
	default:
		go own.serve()
	}
}

// gone counts a connection out.
func (s *server) gone(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	if c.counted {
		s.g.mu.Lock()
		s.g.table.visitors.disconnect(c.from)
		s.g.mu.Unlock()
	}
	s.ended.Done()
}

// open are the connections, in the order in which they came.
func (s *server) open() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Keys(s.conns), func(a, b *conn) int { return cmp.Compare(s.conns[a], s.conns[b]) })
}

// refuse has new connections reset until d is over, and returns those that there
// are.
func (s *server) refuse(d time.Duration) []*conn {
	s.mu.Lock()
	s.down = time.Now().Add(d)
	s.mu.Unlock()
	return s.open()
}

// close ends listeners and connections, and waits for nobody.
func (s *server) close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	err := s.deafen()
	for _, c := range s.open() {
		_ = c.Close()
	}
	return err
}

// deafen closes the listeners, each once.
func (s *server) deafen() (err error) {
	s.mu.Lock()
	all := slices.Collect(maps.Keys(s.listeners))
	clear(s.listeners)
	s.mu.Unlock()
	for _, l := range all {
		err = errors.Join(err, l.Close())
	}
	return err
}

// shutdown ends the listeners and the connections on which nobody waits for an
// answer, and the others when they have it, or leaves them when ctx ends.
func (s *server) shutdown(ctx context.Context) {
	s.mu.Lock()
	s.leaving = true
	s.mu.Unlock()
	_ = s.deafen()
	for _, c := range s.open() {
		if !c.busy.Load() {
			_ = c.Close()
		}
	}
	all := make(chan struct{})
	go func() { s.ended.Wait(); close(all) }()
	select {
	case <-all:
	case <-ctx.Done():
	}
}
