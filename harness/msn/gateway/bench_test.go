package gateway

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"

	"gauntlet/harness/msn/msnhttp"
)

// BenchmarkPoll is a poll and its answer through net/http on a pipe, the
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

// BenchmarkHandler is the handler alone.
func BenchmarkHandler(b *testing.B) {
	g := New(Options{Dial: echo, Seed: 1})
	w := &sink{header: map[string][]string{}}
	ask := func(query string) {
		r := &http.Request{Method: "POST", RequestURI: msnhttp.Path + "?" + query, Body: http.NoBody}
		g.ServeHTTP(w, r)
	}
	ask("Action=open&Server=NS")
	b.ReportAllocs()
	for b.Loop() {
		h, err := msnhttp.ParseSessionHeader(w.header[msnhttp.HeaderName][0])
		if err != nil || w.status != 200 {
			b.Fatal(w.status, err)
		}
		ask("Action=poll&SessionID=" + h.SessionID)
	}
	_ = g.Close()
}

type sink struct {
	header map[string][]string // an http.Header would be asked for canonical names
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }
