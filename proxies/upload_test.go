package proxies

import (
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"gauntlet/proxies/network"
)

// pieces tells what is written to the connections that it dials, write by write.
type pieces struct {
	network.Network
	written chan string
}

func (p *pieces) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	c, err := p.Network.DialContext(ctx, kind, address)
	if err != nil {
		return nil, err
	}
	return &pieceConn{network.Conn{Conn: c}, p}, nil
}

type pieceConn struct {
	network.Conn
	to *pieces
}

func (c *pieceConn) Write(b []byte) (int, error) {
	c.to.written <- string(b)
	return c.Conn.Write(b)
}

// A request that has come whole goes on in one write; a body that is still on its
// way is not waited for.
func TestWhatHasComeWholeGoesOnAtOnce(t *testing.T) {
	n, _ := stage(t, nil)
	head := post("http://gw.example/x", "hello", "Host: gw.example")
	head = strings.TrimSuffix(head, "hello")
	for name, c := range map[string]struct{ then, want []string }{
		"at once": {nil, []string{"POST /x HTTP/1.1\r\nHost: gw.example\r\nContent-Length: 5\r\n\r\nhello"}},
		"later":   {[]string{"lo"}, []string{"POST /x HTTP/1.1\r\nHost: gw.example\r\nContent-Length: 5\r\n\r\n", "hel", "lo"}},
	} {
		seen := &pieces{n, make(chan string, 10)}
		_, address := start(t, seen, "forward", Options{})
		p := dial(t, n, address)
		body := strings.TrimSuffix("hello", strings.Join(c.then, ""))
		if _, err := io.WriteString(p, head+body); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, rest := range c.then {
			got = append(got, <-seen.written, <-seen.written) // the head, and what there is of the body
			if _, err := io.WriteString(p, rest); err != nil {
				t.Fatal(err)
			}
		}
		if a := p.ask(""); a.err != nil || a.body != "hello" {
			t.Fatalf("%s: %+v", name, a)
		}
		for len(seen.written) > 0 {
			got = append(got, <-seen.written)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: written %q, want %q", name, got, c.want)
		}
	}
}
