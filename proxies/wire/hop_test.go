package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gauntlet/proxies/fault"
)

// log collects events; safe for concurrent use.
type log struct {
	mu     sync.Mutex
	events []Event
}

func (l *log) add(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
}

// lines is what happened, one line each, without addresses and times.
func (l *log) lines() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, e := range l.events {
		out = append(out, line(e))
	}
	return strings.Join(out, "\n")
}

func line(e Event) string {
	s := fmt.Sprintf("%d/%d %s", e.Conn, e.Exchange, e.Kind)
	for _, part := range []string{strings.Join(e.Labels, "+"), e.By, e.How, e.Fault} {
		if part != "" {
			s += " " + part
		}
	}
	if e.Status != 0 {
		s += fmt.Sprint(" ", e.Status)
	}
	if e.Given != 0 {
		s += fmt.Sprint(" given ", e.Given)
	}
	if len(e.Data) > 0 {
		s += fmt.Sprintf(" %q", e.Data)
	}
	return s
}

// words labels a request with the parts of its path: /NS/poll.
func words(head []byte) []string {
	path := bytes.Fields(head)[1]
	return strings.FieldsFunc(string(path), func(r rune) bool { return r == '/' })
}

func bodyWords(body []byte) []string {
	word, _, _ := strings.Cut(string(body), " ")
	return []string{word}
}

var vocabulary = fault.Vocabulary{Head: []string{"poll", "open"}, Body: []string{"MSG", "OUT"}, Qualifiers: []string{"NS", "SB"}}

// options are those of a hop with these faults; l, if not nil, observes.
func options(t testing.TB, l *log, lines ...string) Options {
	t.Helper()
	var faults []fault.Fault
	for _, line := range lines {
		f, err := fault.Parse(line, vocabulary)
		if err != nil {
			t.Fatal(err)
		}
		faults = append(faults, f)
	}
	o := Options{Faults: fault.NewSchedule(faults, 1), Label: words, LabelBody: bodyWords}
	if l != nil {
		o.Observe = l.add
	}
	return o
}

// hop is a wrapped listener on loopback.
type hop struct {
	t   *testing.T
	log log
	tap *Tap
	l   net.Listener
}

func newHop(t *testing.T, faults ...string) *hop {
	h := &hop{t: t}
	return h.with(options(t, &h.log, faults...))
}

func (h *hop) with(o Options) *hop {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	h.tap = New(o)
	h.l = h.tap.Listen(inner)
	h.t.Cleanup(func() {
		_ = h.l.Close()
		_ = h.tap.Close()
	})
	return h
}

// pair is a new connection: the peer's end and the box's.
func (h *hop) pair() (peer, box net.Conn) {
	h.t.Helper()
	peer = h.dial()
	box, err := h.l.Accept()
	if err != nil {
		h.t.Fatal(err)
	}
	_ = box.SetDeadline(time.Now().Add(10 * time.Second))
	return peer, box
}

func (h *hop) dial() net.Conn {
	h.t.Helper()
	peer, err := net.Dial("tcp", h.l.Addr().String())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = peer.Close() })
	_ = peer.SetDeadline(time.Now().Add(10 * time.Second)) // a broken test shall not hang
	return peer
}

// fired checks which connections the only fault has fired on.
func (h *hop) fired(text string, want ...int) {
	h.t.Helper()
	got := h.tap.Fired()[text]
	for tries := 0; len(got) < len(want) && tries < 2000; tries++ {
		time.Sleep(5 * time.Millisecond)
		got = h.tap.Fired()[text]
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		h.t.Errorf("fired on %v, want %v\n%s", got, want, h.log.lines())
	}
}

// happened waits until the log contains all of the lines in order.
func (h *hop) happened(want ...string) {
	h.t.Helper()
	var got string
	for range 2000 {
		got = h.log.lines()
		if inOrder(got, want) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	h.t.Errorf("happened:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
}

func inOrder(text string, parts []string) bool {
	for _, p := range parts {
		i := strings.Index(text, p)
		if i < 0 {
			return false
		}
		text = text[i+len(p):]
	}
	return true
}

// send writes text from another goroutine's point of view: it must succeed.
func send(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatalf("write: %v", err)
	}
}

// readN reads n bytes.
func readN(t *testing.T, c net.Conn, n int) string {
	t.Helper()
	got := make([]byte, n)
	m, err := io.ReadFull(c, got)
	if err != nil {
		t.Fatalf("read %q, then %v", got[:m], err)
	}
	return string(got)
}

// wantEnd reads what is left and checks how it ends: FIN, RST or timeout. Errors are told as
// by package net.
func wantEnd(t *testing.T, c net.Conn, rest, how string) {
	t.Helper()
	got, err := io.ReadAll(c)
	if string(got) != rest || ending(err) != how {
		t.Errorf("read %q, then %v; want %q, then %s", got, err, rest, how)
	}
	if err != nil && !saidOf(err, "read") {
		t.Errorf("it is not told as of a read: %v", err)
	}
}

// saidOf reports whether an error says, as those of package net do, which operation failed,
// and between whom.
func saidOf(err error, op string) bool {
	var e *net.OpError
	return errors.As(err, &e) && e.Op == op && e.Net == "tcp" && e.Source != nil && e.Addr != nil
}

func ending(err error) string {
	switch {
	case err == nil:
		return fin
	case errors.Is(err, syscall.ECONNRESET):
		return rst
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "timeout"
	case errors.Is(err, net.ErrClosed):
		return "closed"
	}
	return err.Error()
}

const (
	request = "POST /NS/poll HTTP/1.1\r\nContent-Length: 5\r\n\r\nMSG 1"
	answer  = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nQNG 5"
)
