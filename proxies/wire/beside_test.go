package wire

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"gauntlet/proxies/simnet"
)

// What a peer's own socket says of another request is told of that peer's machine
// alone, and in the order of its connections: in a crowd it would be said as often
// as the square of its clients.
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
		for _, from := range []string{"10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.1"} {
			peer, err := n.Host(from).DialContext(context.Background(), "tcp", "10.0.0.9:80")
			if err != nil {
				t.Fatal(err)
			}
			defer peer.Close()
			if _, err := io.WriteString(peer, request); err != nil {
				t.Fatal(err)
			}
			box, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer box.Close()
			readN(t, box, len(request))
		}
		told := slices.DeleteFunc(strings.Split(seen.lines(), "\n"), func(s string) bool { return !strings.Contains(s, "beside") })
		want := []string{"1/0 beside open given 3", "1/0 beside open given 4", "3/0 beside open given 4"}
		if !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		_ = tap.Close()
	})
}

// Where nobody sees the peer's own socket nothing is said of it.
func TestNobodySeesAPeersOwnSocket(t *testing.T) {
	if how, err := peerLeft(nil, &scripted{}); !errors.Is(err, errUnseen) || how != "" {
		t.Errorf("%q, %v", how, err)
	}
}
