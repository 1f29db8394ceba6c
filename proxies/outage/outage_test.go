package outage

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies/simnet"
)

const (
	begin = 10 * time.Second
	lasts = 5 * time.Second
)

// Whoever waits for the cable goes on when it is in, one nanosecond after the other
// in the order of their connections: of what happens in one instant the scheduler
// would choose the order, in each run another one.
func TestWaitersGoOnInTheSameOrder(t *testing.T) {
	reads := func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) }
	writes := func(c net.Conn) { _, _ = io.WriteString(c, "x") }
	for name, row := range map[string]struct {
		connect time.Duration
		dead    bool
		waits   []func(net.Conn) // by the connection's ordinal, from 1
	}{
		"reading":              {0, false, []func(net.Conn){reads, reads, reads, reads}},
		"writing":              {0, false, []func(net.Conn){writes, writes, writes, writes}},
		"mixed":                {0, false, []func(net.Conn){reads, writes, reads, writes}},
		"of the outage itself": {begin + time.Second, false, []func(net.Conn){writes, reads, writes}},
		"not to live on":       {0, true, []func(net.Conn){reads, writes, writes}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStreet(t, row.dead)
				defer s.end()
				time.Sleep(row.connect)
				conns := s.connect(t, len(row.waits))
				time.Sleep(begin + 2*time.Second - row.connect)
				for i, wait := range slices.Backward(row.waits) { // in another order than theirs
					go func() { wait(conns[i]); s.note(i + 1) }()
					time.Sleep(time.Second / 8)
				}
				time.Sleep(time.Minute)
				s.wantTurns(t, len(row.waits))
			})
		})
	}
}

// street is a network with an outage on its one listener, whose clients have sent a
// byte each.
type street struct {
	net    *simnet.Net
	listen net.Listener
	cut    *Outage
	began  time.Time
	ended  chan error

	mu   sync.Mutex
	seen map[int]time.Duration // when a connection went on, counted from the outage's end
}

func newStreet(t *testing.T, dead bool) *street {
	t.Helper()
	n := simnet.New(simnet.Options{})
	l, err := n.Host("10.0.0.5").Listen(":80")
	if err != nil {
		t.Fatal(err)
	}
	s := &street{net: n, cut: New(begin, lasts), began: time.Now(), ended: make(chan error, 1), seen: map[int]time.Duration{}}
	s.cut.Dead = dead
	s.listen = s.cut.Listen(l)
	go func() { s.ended <- s.cut.Run(context.Background(), nil) }()
	return s
}

// connect makes connections, and returns the ends on this side of the cable.
func (s *street) connect(t *testing.T, many int) (conns []net.Conn) {
	t.Helper()
	for range many {
		far, err := s.net.Host("10.0.0.1").DialContext(context.Background(), "tcp", "10.0.0.5:80")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(far, "x")
		near, err := s.listen.Accept()
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, near)
	}
	return conns
}

func (s *street) note(turn int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[turn] = time.Since(s.began) - begin - lasts
}

func (s *street) wantTurns(t *testing.T, many int) {
	t.Helper()
	want := map[int]time.Duration{}
	for turn := 1; turn <= many; turn++ {
		want[turn] = time.Duration(turn)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !maps.Equal(s.seen, want) {
		t.Errorf("went on %s after the cable was in, want %s", fmt.Sprint(s.seen), fmt.Sprint(want))
	}
}

func (s *street) end() {
	_ = s.listen.Close()
	_ = s.net.Close()
	<-s.ended
}
