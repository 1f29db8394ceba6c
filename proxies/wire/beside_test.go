package wire

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"gauntlet/proxies/simnet"
)

// What a peer's own socket says of another request is told of that peer's machine
// alone, of those that are out, and in the order of its connections: in a crowd it would
// be said as often as the square of its clients.
func TestBesideIsToldOfTheSameMachineAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{})
		defer n.Close()
		inner, err := n.Host("10.0.0.9").Listen(":80")
		if err != nil {
			t.Fatal(err)
		}
		var seen log
		o := options(t, &seen)
		o.Beside = true
		tap := New(o)
		l := tap.Listen(inner)
		for i, from := range []string{"10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.1"} {
			peer, err := n.Host(from).DialContext(context.Background(), "tcp", "10.0.0.9:80")
			if err != nil {
				t.Fatal(err)
			}
			defer peer.Close()
			box, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer box.Close()
			if i == 0 {
				continue // it asks for nothing
			}
			send(t, peer, request)
			readN(t, box, len(request))
			if i == 1 {
				_ = peer.Close()
				wantEnd(t, box, "", fin)
			}
		}
		told := slices.DeleteFunc(strings.Split(seen.lines(), "\n"), func(s string) bool { return !strings.Contains(s, "beside") })
		want := []string{"3/0 beside open given 5", "3/0 beside open given 6", "5/0 beside open given 6"}
		if !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		_ = tap.Close()
	})
}

// Nor is it told where nobody wants it.
func TestBesideIsToldToWhoWantsIt(t *testing.T) {
	for wanted, times := range map[bool]int{false: 0, true: 1} {
		inStreet(t, func(s *street, peer, box net.Conn) {
			s.tap.options.Beside = wanted
			other, otherBox := s.connect()
			for _, c := range [][2]net.Conn{{peer, box}, {other, otherBox}} {
				send(t, c[0], request)
				readN(t, c[1], len(request))
			}
			if got := s.log.lines(); strings.Count(got, "beside") != times {
				t.Errorf("wanted %t: %s", wanted, got)
			}
			_, _ = other.Close(), otherBox.Close()
		})
	}
}

// Where nobody sees the peer's own socket nothing is said of it.
func TestNobodySeesAPeersOwnSocket(t *testing.T) {
	if how, err := peerLeft(nil, &scripted{}); !errors.Is(err, errUnseen) || how != "" {
		t.Errorf("%q, %v", how, err)
	}
	if how, err := peerLeft(&road{}, &scripted{}); err != nil || how != "" {
		t.Errorf("there is a path: %q, %v", how, err)
	}
	l := &log{}
	o := options(t, l)
	o.Beside = true
	tap := New(o)
	for id := range 2 {
		c, _ := tap.wrap(&scripted{reads: []string{request}}, attempt{id: id + 1})
		readN(t, c, len(request))
	}
	if got := l.lines(); strings.Contains(got, "beside") {
		t.Errorf("%s", got)
	}
	inStreet(t, func(s *street, peer, box net.Conn) {
		for _, want := range []string{"", fin} {
			if how, err := peerLeft(nil, box); err != nil || how != want {
				t.Errorf("%q, %v, want %q", how, err, want)
			}
			_ = peer.Close()
		}
		other, otherBox := s.connect()
		send(t, other, request)
		readN(t, otherBox, len(request))
		c, busy := box.(*conn), otherBox.(*conn)
		for _, want := range []int{1, 0} {
			if list := unanswered(s.tap, c); len(list) != want {
				t.Errorf("%d are listed, want %d", len(list), want)
			}
			if want == 1 {
				busy.mu.Lock() // nobody waits for that
			}
		}
		busy.mu.Unlock()
		_, _ = other.Close(), otherBox.Close()
	})
}
