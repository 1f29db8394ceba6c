//go:build linux

package netns

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/wire"
)

// router is a network as a hop knows it.
type onNet struct{ *Net }

func (r onNet) Lose(conn net.Conn, d fault.Direction, left func(string)) (func() error, error) {
	return r.Net.Lose(conn, d == fault.ToBox, left)
}

// hop is a box behind a tap, with one fault, and a client's raw connection to it.
type hop struct {
	*testing.T
	dial   func() net.Conn
	conn   net.Conn
	reader *bufio.Reader
	tap    *wire.Tap

	mu     sync.Mutex
	change *sync.Cond
	events []wire.Event
	served atomic.Int32
}

// way is how the client comes to the box: to is where it connects.
type way struct {
	to         string
	redirected bool
	ipv6       bool
}

// ways are by what the client is told of: the box, or the server, on the way to which its
// connection is redirected.
var ways = map[string]way{
	"explicit": {to: "10.1.1.1:8080"}, "redirected": {to: "10.9.0.80:80", redirected: true},
	"explicit, IPv6": {to: "[fd00:10:1:1::1]:8080", ipv6: true}, "redirected, IPv6": {to: "[fd00:10:9::80]:80", redirected: true, ipv6: true},
}

// hopWith makes it.
func hopWith(t *testing.T, w way, text string) *hop {
	t.Helper()
	f, err := fault.Parse("hop 0: "+text, fault.Vocabulary{Hops: 1})
	if err != nil {
		t.Fatal(err)
	}
	n := made(t, Options{IPv6: w.ipv6})
	h := &hop{T: t}
	h.change = sync.NewCond(&h.mu)
	h.tap = wire.New(wire.Options{Faults: fault.NewSchedule([]fault.Fault{f}, 1), Path: onNet{n}, Beside: true, Observe: h.note,
		Move: func() error { return n.Move("10.0.0.2", "10.0.7.2") }})
	if w.redirected {
		if err := n.Redirect("10.0.0.2", 80, "10.1.1.1:8080"); err != nil {
			t.Fatal(err)
		}
	}
	l, err := n.Listen("10.1.1.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(h.serve)}
	go server.Serve(h.tap.Listen(l))
	t.Cleanup(func() {
		server.Close()
		if err := h.tap.Close(); err != nil {
			t.Error(err)
		}
	})
	h.dial = func() net.Conn {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		conn, err := n.Host("10.0.0.2").DialContext(ctx, "tcp", w.to)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	h.conn = h.dial()
	h.reader = bufio.NewReader(h.conn)
	return h
}

func (h *hop) serve(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	h.served.Add(1)
	_, _ = io.WriteString(w, "hello")
}

func (h *hop) note(e wire.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
	h.change.Broadcast()
}

// wait returns the first event of a kind.
func (h *hop) wait(kind wire.Kind) wire.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	timer := time.AfterFunc(10*time.Second, func() { panic(fmt.Sprintf("no event %s: %v", kind, h.events)) })
	defer timer.Stop()
	for {
		if i := slices.IndexFunc(h.events, func(e wire.Event) bool { return e.Kind == kind }); i >= 0 {
			return h.events[i]
		}
		h.change.Wait()
	}
}

func (h *hop) count(kind wire.Kind) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// ask sends a request; errors show when the answer is read.
func (h *hop) ask() {
	_, _ = io.WriteString(h.conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
}

// answer reads one; it says what went wrong in a word.
func (h *hop) answer(patience time.Duration) string {
	_ = h.conn.SetReadDeadline(time.Now().Add(patience))
	r, err := http.ReadResponse(h.reader, nil)
	switch {
	case errors.Is(err, syscall.ECONNRESET):
		return "reset"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "nothing"
	case err != nil:
		return err.Error()
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

func (h *hop) wants(what string, got, want any) {
	h.Helper()
	if got != want {
		h.Errorf("%s: %v, want %v", what, got, want)
	}
}

// patience is what a client waits for that which must not come.
const patience = 600 * time.Millisecond

func eachWay(t *testing.T, text string, check func(h *hop)) {
	for name, w := range ways {
		t.Run(name, func(t *testing.T) {
			check(hopWith(t, w, text))
		})
	}
}

func TestKillFlow(t *testing.T) {
	eachWay(t, "on request 1, answer: kill flow", func(h *hop) {
		h.ask()
		h.wants("the client gets", h.answer(5*time.Second), "reset")
		h.wants("served", h.served.Load(), int32(1))
		e := h.wait(wire.Closed)
		h.wants("closed", e.By+" "+e.How, "fault RST")
		h.wants("answers", h.count(wire.AnswerDone), 0)
	})
}

func TestForgetFlow(t *testing.T) {
	eachWay(t, "on request 1, answer: forget flow", func(h *hop) {
		h.ask()
		h.wait(wire.Fired)
		h.wants("the client gets", h.answer(patience), "nothing")
		h.wants("closed", h.count(wire.Closed), 0)
		h.ask()
		h.wants("the client then gets", h.answer(patience), "nothing")
		h.conn.Close()
		e := h.wait(wire.Closed)
		h.wants("closed", e.By+" "+e.How, "peer FIN")
		h.wants("answers", h.count(wire.AnswerDone), 0)
		h.wants("served", h.served.Load(), int32(1))
	})
}

// What was on its way is lost, the client may leave or not, and its next connection works.
func TestTheClientMoves(t *testing.T) {
	eachWay(t, "on request 1, answer: client moves", func(h *hop) {
		h.ask()
		h.wait(wire.Fired)
		h.wants("the client gets", h.answer(patience), "nothing")
		h.wants("closed", h.count(wire.Closed), 0)
		h.conn.Close()
		e := h.wait(wire.Closed)
		h.wants("closed", e.By+" "+e.How, "peer FIN")
		h.conn = h.dial()
		h.reader = bufio.NewReader(h.conn)
		h.ask()
		h.wants("the next connection gets", h.answer(5*time.Second), "hello")
		h.wants("answers", h.count(wire.AnswerDone), 1)
	})
}

func TestRejectFlow(t *testing.T) {
	eachWay(t, "on request 1, idle 20ms: reject flow", func(h *hop) {
		h.ask()
		h.wants("the client gets", h.answer(5*time.Second), "hello")
		h.wait(wire.Fired)
		h.ask()
		h.wants("the client then gets", h.answer(5*time.Second), "reset")
		e := h.wait(wire.Closed)
		h.wants("closed", e.By+" "+e.How, "peer RST")
		h.wants("requests", h.count(wire.RequestBegan), 1)
	})
}

// Whether a request overlaps another is what the client's socket says, and not how
// soon we notice that it was closed.
func TestARequestBesideAnother(t *testing.T) {
	const held = "on request 1, answer: stall"
	eachWay(t, held, func(h *hop) {
		h.ask()
		h.wait(wire.Fired)
		h.conn = h.dial()
		h.ask()
		e := h.wait(wire.Beside)
		h.wants("beside", fmt.Sprint(e.How, e.Conn, e.Given), "open1 2")
	})
	eachWay(t, held, func(h *hop) {
		h.ask()
		h.wait(wire.Fired)
		left := h.conn
		h.conn = h.dial()
		left.Close()
		h.ask()
		h.wait(wire.AnswerDone)
		if e := h.wait(wire.Closed); h.count(wire.Beside) > 0 {
			h.wants("beside", h.wait(wire.Beside).How, e.How)
		}
	})
}

func TestLoseFlowToClient(t *testing.T) {
	eachWay(t, "on request 1, answer: lose flow to client", func(h *hop) {
		h.ask()
		h.wait(wire.Fired)
		h.wants("the client gets", h.answer(patience), "nothing")
		h.conn.Close()
		e := h.wait(wire.Closed)
		h.wants("closed", e.By+" "+e.How, "peer FIN")
		h.wants("answers", h.count(wire.AnswerDone), 0)
		h.wants("served", h.served.Load(), int32(1))
	})
}

func TestAnAnswerThatArrivesLate(t *testing.T) {
	eachWay(t, "on request 1, answer: lose flow to client for 300ms", func(h *hop) {
		began := time.Now()
		h.ask()
		h.wants("the client gets", h.answer(20*time.Second), "hello")
		if took := time.Since(began); took < 300*time.Millisecond {
			h.Errorf("after %s", took)
		}
		if e := h.wait(wire.AnswerDone); e.At.Before(began.Add(300 * time.Millisecond)) {
			h.Errorf("told after %s", e.At.Sub(began))
		}
		h.ask()
		h.wants("the client then gets", h.answer(5*time.Second), "hello")
		h.wants("served", h.served.Load(), int32(2))
	})
}

func TestLoseFlowToBox(t *testing.T) {
	eachWay(t, "on request 1, idle 20ms: lose flow to box", func(h *hop) {
		h.ask()
		h.wants("the client gets", h.answer(5*time.Second), "hello")
		h.wait(wire.Fired)
		h.ask()
		h.wants("the client then gets", h.answer(patience), "nothing")
		h.conn.Close()
		e := h.wait(wire.Closed)
		h.wants("closed", e.By+" "+e.How, "peer FIN")
		h.wants("requests", h.count(wire.RequestBegan), 1)
	})
}

func TestForgetNeedsATranslation(t *testing.T) {
	n := made(t, Options{})
	l, err := n.Listen("10.1.2.1:80")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := n.Host("10.1.1.1").DialContext(context.Background(), "tcp", "10.1.2.1:80")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	if err := n.Forget(accepted, func(string) {}); err == nil || !strings.Contains(err.Error(), "translates") {
		t.Error(err)
	}
}

// dualStack connects an IPv6 socket to an IPv4 address, as Java does.
func dualStack(t *testing.T, to netip.AddrPort) net.Conn {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = errors.Join(unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0),
			unix.Connect(fd, &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}))
	}
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "dual-stack")
	defer file.Close()
	conn, err := net.FileConn(file) // has one of its own
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// A client has left a connection when its own end is closed, whatever the other one does.
func TestHowAnEndLeaves(t *testing.T) {
	plain := func(t *testing.T, to netip.AddrPort) net.Conn {
		conn, err := net.Dial("tcp", to.String())
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	for name, w := range map[string]struct {
		at   string
		dial func(*testing.T, netip.AddrPort) net.Conn
	}{
		"IPv4":         {"127.0.0.1:0", plain},
		"IPv6":         {"[::1]:0", plain},
		"IPv4 of both": {"127.0.0.1:0", dualStack},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", w.at)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			for want, leave := range map[string]func(near, far *net.TCPConn) error{
				"": func(near, far *net.TCPConn) error {
					err := far.Close()
					_, _ = near.Read(make([]byte, 1)) // until that is heard of
					return err
				},
				"FIN": func(near, _ *net.TCPConn) error { return near.Close() },
				"RST": func(near, _ *net.TCPConn) error { return errors.Join(near.SetLinger(0), near.Close()) },
			} {
				near := w.dial(t, addressOf(l.Addr()))
				far, err := l.Accept()
				if err != nil {
					t.Fatal(err)
				}
				client := addressOf(near.LocalAddr())
				f := flow{client: netip.AddrPortFrom(client.Addr().Unmap(), client.Port()), dialled: addressOf(l.Addr())}
				if how := f.left(); how != "" {
					t.Errorf("while both are open it has left by %q", how)
				}
				if err := leave(near.(*net.TCPConn), far.(*net.TCPConn)); err != nil {
					t.Fatal(err)
				}
				if how := f.left(); how != want {
					t.Errorf("it has left by %q, not by %q", how, want)
				}
				_, _ = near.Close(), far.Close()
			}
		})
	}
}
