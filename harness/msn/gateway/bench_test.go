package gateway

import (
	"bufio"
	"io"
	"net"
	"testing"

	"gauntlet/harness/msn/msnhttp"
)

// BenchmarkPoll is a poll and its answer on a pipe, the
// client's side included.
func BenchmarkPoll(b *testing.B) {
	g := New(Options{Dial: echo, Seed: 1})
	l := &given{conns: make(chan net.Conn, 1), done: make(chan struct{})}
	near, far := net.Pipe()
	l.conns <- far
	go func() { _ = g.Serve(l) }()
	reader := bufio.NewReader(near)
	_, h, _ := roundTrip(b, near, reader, openRequest)
	for b.Loop() {
		h.SessionID = pollRaw(b, near, reader, h.SessionID)
	}
	_ = near.Close()
	_ = g.Close()
}

// pollRaw polls at little cost of its own.
func pollRaw(b *testing.B, c net.Conn, r *bufio.Reader, id string) string {
	if _, err := io.WriteString(c, pollRequest(id)); err != nil {
		b.Fatal(err)
	}
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			b.Fatal(err)
		}
		if len(line) == 2 {
			return id
		}
		if name, value := string(line[:min(17, len(line))]), line; name == msnhttp.HeaderName+": " {
			h, err := msnhttp.ParseSessionHeader(string(value[17 : len(value)-2]))
			if err != nil {
				b.Fatal(err)
			}
			id = h.SessionID
		}
	}
}

// BenchmarkExchange is the session table alone.
func BenchmarkExchange(b *testing.B) {
	g := New(Options{Dial: echo, Seed: 1})
	ask := func(query string) (id string) {
		r := &request{}
		no := r.read(heading{method: "POST", target: msnhttp.Path + "?" + query}, func() *refusal { return nil })
		if no != nil {
			b.Fatal(no.reason)
		}
		a, no := g.exchange(r)
		if no != nil {
			b.Fatal(no.reason)
		}
		h, err := msnhttp.ParseSessionHeader(a.header)
		if err != nil {
			b.Fatal(err)
		}
		return h.SessionID
	}
	id := ask("Action=open&Server=NS")
	b.ReportAllocs()
	for b.Loop() {
		id = ask("Action=poll&SessionID=" + id)
	}
	_ = g.Close()
}
