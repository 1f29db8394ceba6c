//go:build linux

package netns

import (
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// A client goes from one network to another, twice: on what is established nothing comes
// through any more, either way, and nobody is told; what is new comes from another address, by
// redirects as well, of both families and of programs.
func TestAClientMoves(t *testing.T) {
	n := made(t, Options{IPv6: true})
	greeter(t, n, "10.9.0.80:80")
	greeter(t, n, "[fd00:10:9::80]:80")
	greeter(t, n, "10.1.1.1:3129")
	l, err := n.Listen("10.1.1.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for moves, want := range []string{"10.254.0.5 fd00:10:254::5", "10.254.0.202 fd00:10:254::ca", "10.254.0.203 fd00:10:254::cb"} {
		four, six, _ := strings.Cut(want, " ")
		for to, want := range map[string]string{"10.9.0.80:80": four + " at 10.9.0.80:80 for ", "[fd00:10:9::80]:80": six + " at [fd00:10:9::80]:80 for "} {
			if got := dial(t, n, "10.0.0.2", to); got != want {
				t.Errorf("%d moves: %q, want %q", moves, got, want)
			}
		}
		if got := shell(t, n, "exec 3<>/dev/tcp/10.9.0.80/80; cat <&3"); got != four+" at 10.9.0.80:80 for " {
			t.Errorf("a program after %d moves: %q", moves, got)
		}
		client, err := n.Host("10.0.0.2").DialContext(t.Context(), "tcp", "10.1.1.1:8080")
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		box, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer box.Close()
		if err := n.Move("10.0.0.2", "10.0.7."+string(rune('2'+moves))); err != nil {
			t.Fatal(err)
		}
		for what, ends := range map[string][2]net.Conn{"up": {client, box}, "down": {box, client}} {
			if _, err := io.WriteString(ends[0], "lost"); err != nil {
				t.Errorf("%s: who sends is told: %v", what, err)
			}
			_ = ends[1].SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			if got, err := ends[1].Read(make([]byte, 4)); got != 0 || !os.IsTimeout(err) {
				t.Errorf("%s: %d bytes, %v", what, got, err)
			}
		}
	}
	if err := n.Redirect("10.0.0.2", 80, "10.1.1.1:3129"); err != nil {
		t.Fatal(err)
	}
	if got := dial(t, n, "10.0.0.2", "10.9.0.80:80"); got != "10.254.0.204 at 10.1.1.1:3129 for 10.9.0.80:80" {
		t.Errorf("redirected: %q", got)
	}
	if err := n.Move("10.1.1.1", "10.0.7.9"); err == nil {
		t.Error("a box has moved")
	}
}
