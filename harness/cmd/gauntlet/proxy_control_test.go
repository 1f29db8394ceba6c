package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"gauntlet/proxies"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/wire"
)

// Whatever is said to the control, it answers; what it then lists can be disarmed
// by the text that it lists.
func FuzzControl(f *testing.F) {
	chain, err := proxies.Profiles(nil).ParseChain("forward port 8080 -> relay")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("POST", "/faults", "hop 0: on poll 3, answer: reset\nhop 1: on request 5, response byte 120: close\n")
	f.Add("POST", "/faults", "hop 0: after idle 30s: close silently")
	f.Add("DELETE", "/faults", "hop 0: on poll 3, answer: reset")
	f.Add("GET", "/faults", "")
	f.Add("POST", "/faults", "hop 9: on poll, answer: reset\n\x00")
	f.Fuzz(func(t *testing.T, method, path, body string) {
		s := &standing{schedule: fault.NewSchedule(nil, 0), taps: make([]*wire.Tap, len(chain))}
		for i := range s.taps {
			s.taps[i] = wire.New(wire.Options{Hop: i, Faults: s.schedule, Standing: true})
		}
		control := s.controls(vocabularyOf(chain), slog.New(slog.DiscardHandler))
		say(t, control, method, path, body)
		var list []armed
		if err := json.Unmarshal([]byte(say(t, control, http.MethodGet, "/faults", "")), &list); err != nil {
			t.Fatal(err)
		}
		for _, one := range list {
			say(t, control, http.MethodDelete, "/faults", one.Fault)
		}
		if left := len(s.schedule.Faults()); left > 0 {
			t.Errorf("%d of %d faults cannot be disarmed by their texts: %+v", left, len(list), list)
		}
	})
}

// TestManyFaultsAreArmedAtOnce: a schedule that is built again for each line takes
// sixteen times as much for four times as many.
func TestManyFaultsAreArmedAtOnce(t *testing.T) {
	takes := func(lines int) (bytes uint64) {
		var text strings.Builder
		for i := range lines {
			fmt.Fprintf(&text, "hop 0: on request %d, answer: reset\n", i+1)
		}
		s := &standing{schedule: fault.NewSchedule(nil, 0), taps: []*wire.Tap{wire.New(wire.Options{Standing: true})}}
		control := s.controls(fault.Vocabulary{Hops: 1}, slog.New(slog.DiscardHandler))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		say(t, control, http.MethodPost, "/faults", text.String())
		runtime.ReadMemStats(&after)
		if armed := len(s.schedule.Faults()); armed != lines {
			t.Fatalf("%d of %d faults are armed", armed, lines)
		}
		return after.TotalAlloc - before.TotalAlloc
	}
	if few, many := takes(500), takes(2000); many > 8*few {
		t.Errorf("500 faults take %d bytes, 2000 take %d", few, many)
	}
}

// TestTheControlIsNotForPages asks it as a page in a browser of this machine could: by a
// form or a script of another site, and under a name that was made to lead here.
func TestTheControlIsNotForPages(t *testing.T) {
	s := &standing{schedule: fault.NewSchedule(nil, 0)}
	control := s.controls(fault.Vocabulary{}, slog.New(slog.DiscardHandler))
	for _, c := range []struct {
		host, origin string
		want         int
	}{
		{"127.0.0.1:9", "", http.StatusOK},
		{"[::1]:9", "", http.StatusOK},
		{"localhost:9", "", http.StatusOK},
		{"127.0.0.1:9", "http://a.example", http.StatusForbidden},
		{"127.0.0.1:9", "null", http.StatusForbidden},
		{"a.example:9", "", http.StatusForbidden},
		{"127.0.0.1.a.example:9", "", http.StatusForbidden},
		{"", "", http.StatusForbidden},
	} {
		r := httptest.NewRequest(http.MethodDelete, "/faults", nil)
		if r.Host = c.host; c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		w := httptest.NewRecorder()
		if control.ServeHTTP(w, r); w.Code != c.want {
			t.Errorf("%+v: %d", c, w.Code)
		}
	}
}

// say asks the control from this machine.
func say(t *testing.T, control http.Handler, method, path, body string) (answer string) {
	t.Helper()
	r, err := http.NewRequest(method, "http://127.0.0.1:1", strings.NewReader(body))
	if err != nil {
		t.Skip("no such request can be sent")
	}
	r.URL.Path = path
	w := httptest.NewRecorder()
	control.ServeHTTP(w, r)
	if w.Code >= http.StatusInternalServerError {
		t.Errorf("%s %q %q: %d", method, path, body, w.Code)
	}
	return w.Body.String()
}

// A chain serves so many connections; who comes too many is hung up on, and finds
// a place when another has gone.
func TestConnectionsAreBounded(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &standing{}
	l := s.bounded(inner)
	defer l.Close()
	accepted := make(chan net.Conn, 2)
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			_, _ = c.Write([]byte{0}) // so that nobody waits for a close that does not come
			accepted <- c
		}
	}()
	s.taken.Store(mostConnections)
	if n, err := dialTo(t, inner).Read(make([]byte, 1)); n > 0 || err == nil {
		t.Error("one too many is served")
	}
	s.taken.Store(mostConnections - 1)
	dialTo(t, inner)
	one := <-accepted
	if taken := s.taken.Load(); taken != mostConnections {
		t.Errorf("%d are counted", taken)
	}
	for range 2 { // a connection may be closed twice
		_ = one.Close()
	}
	if taken := s.taken.Load(); taken != mostConnections-1 {
		t.Errorf("%d are counted after it has gone", taken)
	}
}

func dialTo(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
