package gateway

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/proxies/simnet"
)

// stage is a gateway on a network in memory with a messenger that the test
// plays itself. It lives in a bubble.
type stage struct {
	t   *testing.T
	net *simnet.Net
	g   *Gateway

	mu        sync.Mutex
	messenger []net.Conn // the gateway's sessions, seen from the messenger
	events    []history.Event
	wg        sync.WaitGroup
	served    error
}

func newStage(t *testing.T, d Dialect, turn ...func(*Options)) *stage {
	st := &stage{t: t, net: simnet.New(simnet.Options{})}
	o := Options{
		Dialect: d, Seed: 1, Dial: st.dial,
		Observe: func(e history.Event) { st.mu.Lock(); st.events = append(st.events, e); st.mu.Unlock() },
	}
	for _, f := range turn {
		f(&o)
	}
	st.g = New(o)
	l, err := st.net.Host("10.0.0.1", DefaultHost).Listen(":80")
	if err != nil {
		t.Fatal(err)
	}
	st.net.Host("10.0.0.2")
	st.wg.Go(func() { st.served = st.g.Serve(l) })
	return st
}

// dial gives the gateway one end of a connection and plays the other.
func (st *stage) dial(_ context.Context, _, ip string) (net.Conn, error) {
	if ip == "unreachable" {
		return nil, fmt.Errorf("no messenger at %s", ip)
	}
	near, far := net.Pipe()
	st.mu.Lock()
	defer st.mu.Unlock()
	st.messenger = append(st.messenger, far)
	st.wg.Go(func() { listen(far) })
	return near, nil
}

func listen(c net.Conn) {
	_, _ = io.Copy(io.Discard, c) // until the gateway hangs up
}

// say lets the messenger speak to the newest session.
func (st *stage) say(what string) {
	st.mu.Lock()
	c := st.messenger[len(st.messenger)-1]
	st.mu.Unlock()
	if _, err := c.Write([]byte(what)); err != nil {
		st.t.Errorf("the messenger says %q: %v", what, err)
	}
}

// story is the events so far, one per line.
func (st *stage) story() string {
	st.mu.Lock()
	defer st.mu.Unlock()
	var b strings.Builder
	for _, e := range st.events {
		fmt.Fprintf(&b, "%s", e.Kind)
		for _, part := range []string{fmt.Sprint(e.Session), e.Server, e.User, e.Action, e.ID, e.NewID, e.Text} {
			if part != "" && part != "0" {
				b.WriteString(" · " + part)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (st *stage) client() net.Conn {
	c, err := st.net.Host("10.0.0.2").DialContext(context.Background(), "tcp", DefaultHost+":80")
	if err != nil {
		st.t.Fatal(err)
	}
	return c
}

// readQuiet reads until nothing has come for a second; ended says that the
// peer has closed.
func readQuiet(c net.Conn) (got string, ended bool) {
	var all strings.Builder
	room := make([]byte, 64<<10)
	for {
		_ = c.SetReadDeadline(time.Now().Add(time.Second))
		n, err := c.Read(room)
		all.Write(room[:n])
		if err != nil {
			ne, is := err.(net.Error)
			return all.String(), !is || !ne.Timeout()
		}
	}
}

func (st *stage) close() {
	if err := st.g.Close(); err != nil {
		st.t.Error(err)
	}
	_ = st.net.Close()
	st.wg.Wait()
	if st.served != nil {
		st.t.Error(st.served)
	}
}
