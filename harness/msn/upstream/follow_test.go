package upstream

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
)

// world is servers by address; each answers commands by their first word, with
// %s for the number.
type world map[string]map[string]string

const hello = "VER %s MSNP8\r\n"

func (w world) dial(_ context.Context, _, address string) (net.Conn, error) {
	answers, is := w[address]
	if !is {
		return nil, errors.New("connection refused")
	}
	near, far := net.Pipe()
	go func() {
		lines := bufio.NewScanner(far)
		for lines.Scan() {
			words := strings.Fields(lines.Text())
			if answer := answers[words[0]]; answer != "" {
				_, _ = fmt.Fprintf(far, answer, words[1])
			}
		}
	}()
	return near, nil
}

// signsIn says what a client says until it has signed in, one after the other,
// and gives what it hears.
func (w world) signsIn(t *testing.T) (heard string, err error) {
	t.Helper()
	s, err := New("first:1863", w.dial, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := s.Dial(t.Context(), "NS", "")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	for _, said := range []string{"VER 1 MSNP8 CVR0", "CVR 2 0x0409", "USR 3 TWN I alice@example.com", "USR 4 TWN S t=1"} {
		if _, err := io.WriteString(conn, said+"\r\n"); err != nil {
			return heard, err
		}
		line, err := in.ReadString('\n')
		if heard += line; err != nil {
			return heard, err
		}
	}
	return heard, nil
}

// at is a server that signs users in.
func at(more ...string) map[string]string {
	answers := map[string]string{"VER": hello, "CVR": "CVR %s 1\r\n", "USR": "USR %s OK alice@example.com\r\n"}
	for i := 0; i < len(more); i += 2 {
		answers[more[i]] = more[i+1]
	}
	return answers
}

func sendsTo(address string) map[string]string { return at("USR", "XFR %s NS "+address+" 0 x\r\n") }

func TestTheClientIsFollowedToItsServer(t *testing.T) {
	const want = "VER 1 MSNP8\r\nCVR 2 1\r\nUSR 3 OK alice@example.com\r\nUSR 4 OK alice@example.com\r\n"
	for name, w := range map[string]world{
		"none":  {"first:1863": at()},
		"one":   {"first:1863": sendsTo("second:1864"), "second:1864": at()},
		"three": {"first:1863": sendsTo("b:1"), "b:1": sendsTo("c:1"), "c:1": sendsTo("d:1"), "d:1": at()},
	} {
		if heard, err := w.signsIn(t); heard != want || err != nil {
			t.Errorf("%s: %q, %v", name, heard, err)
		}
	}
	refused := world{"first:1863": sendsTo("b:1"), "b:1": at("USR", "911 %s\r\n")}
	if heard, _ := refused.signsIn(t); !strings.Contains(heard, "911 3\r\n") {
		t.Errorf("a refusal is passed on: %q", heard)
	}
}

func TestWhereItCannotBeFollowedTheConnectionEnds(t *testing.T) {
	chain := world{"first:1863": sendsTo("1:1")}
	for i := range 2 * mostMoves {
		chain[fmt.Sprintf("%d:1", i+1)] = sendsTo(fmt.Sprintf("%d:1", i+2))
	}
	for name, c := range map[string]struct {
		world world
		want  string
	}{
		"to itself":          {world{"first:1863": sendsTo("first:1863")}, "which was asked already"},
		"in a circle":        {world{"first:1863": sendsTo("b:1"), "b:1": sendsTo("first:1863")}, "which was asked already"},
		"again and again":    {chain, "(mostMoves)"},
		"to a dead port":     {world{"first:1863": sendsTo("dead:1")}, "connection refused"},
		"to no port":         {world{"first:1863": sendsTo("somewhere")}, "no host:port"},
		"to nowhere":         {world{"first:1863": at("USR", "XFR %s NS\r\n")}, "no host:port"},
		"to another version": {world{"first:1863": sendsTo("b:1"), "b:1": at("VER", "VER %s MSNP2\r\n")}, "the next server agrees on \"MSNP2\""},
		"when signed in":     {world{"first:1863": at("USR", "USR %[1]s OK a\r\nXFR 0 NS b:1\r\n"), "b:1": at()}, "who is signed in"},
	} {
		heard, err := c.world.signsIn(t)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(heard, "XFR") {
			t.Errorf("%s: heard %q, %v", name, heard, err)
		}
	}
}

func TestAllThatIsSaidIsRememberedToALimit(t *testing.T) {
	w := world{"first:1863": sendsTo("b:1"), "b:1": at()}
	s, _ := New("first:1863", w.dial, nil)
	conn, _ := s.Dial(t.Context(), "NS", "")
	defer conn.Close()
	go func() {
		for range 2 * mostSaid / 1000 {
			_, _ = io.WriteString(conn, "CHG 1 "+strings.Repeat("x", 992)+"\r\n")
		}
		_, _ = io.WriteString(conn, "USR 9 TWN I a\r\n")
	}()
	if _, err := io.ReadAll(conn); err == nil || !strings.Contains(err.Error(), "(mostSaid)") {
		t.Error(err)
	}
}

// Whoever closes the connection does not wait for the next server.
func TestCloseEndsAMove(t *testing.T) {
	moving := make(chan struct{})
	w := world{"first:1863": sendsTo("slow:1")}
	s, _ := New("first:1863", func(ctx context.Context, network, address string) (net.Conn, error) {
		if address != "slow:1" {
			return w.dial(ctx, network, address)
		}
		close(moving)
		<-ctx.Done()
		return nil, ctx.Err()
	}, nil)
	conn, _ := s.Dial(t.Context(), "NS", "")
	go func() { _, _ = io.WriteString(conn, "USR 1 TWN I a\r\n") }()
	go func() {
		<-moving
		_ = conn.Close()
	}()
	if _, err := io.ReadAll(conn); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if s := conn.(*listening); slices.Contains(s.visited, "slow:1") {
		t.Error("it moved")
	}
}
