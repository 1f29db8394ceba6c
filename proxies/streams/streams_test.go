package streams

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies/simnet"
)

// city has a listener of the package's, and a client of HTTP/2.
type city struct {
	net    *simnet.Net
	l      net.Listener
	client *http.Transport
}

func within(t *testing.T, absolute bool, do func(c *city)) {
	synctest.Test(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{})
		inner, err := n.Host("10.0.0.9").Listen(":80")
		if err != nil {
			t.Fatal(err)
		}
		protocols := &http.Protocols{}
		protocols.SetUnencryptedHTTP2(true)
		c := &city{n, Listen(inner, absolute), &http.Transport{Protocols: protocols, DisableCompression: true, DialContext: n.Host("10.0.0.1").DialContext}}
		do(c)
		c.client.CloseIdleConnections()
		if err := c.l.Close(); err != nil {
			t.Error(err)
		}
		if _, err := c.l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept after close: %v", err)
		}
		n.Close()
	})
}

// asked is what whoever serves HTTP/1 reads of a request, up to its end.
func (c *city) asked(t *testing.T, request *http.Request, end string) string {
	read := make(chan string)
	go func() {
		conn, err := c.l.Accept()
		if err != nil {
			read <- err.Error()
			return
		}
		defer conn.Close()
		var got strings.Builder
		for in := bufio.NewReader(conn); !strings.HasSuffix(got.String(), end); {
			b, err := in.ReadByte()
			if err != nil {
				break
			}
			got.WriteByte(b)
		}
		io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
		read <- fmt.Sprint(Is(conn), " ", conn.RemoteAddr().(*net.TCPAddr).IP, " ", got.String())
	}()
	request.Header["User-Agent"] = nil
	resp, err := c.client.RoundTrip(request)
	if err != nil || resp.StatusCode != http.StatusNoContent {
		t.Errorf("%v, %v", resp, err)
	}
	return <-read
}

func TestRequestsOfStreams(t *testing.T) {
	for name, c := range map[string]struct {
		absolute  bool
		body      io.Reader
		end, want string
	}{
		"with a length":     {false, strings.NewReader("abc"), "abc", "POST /x?a=1 HTTP/1.1\r\nhost: 10.0.0.9\r\nx-a: 1\r\nx-b: 2\r\ncontent-length: 3\r\n\r\nabc"},
		"without":           {false, struct{ io.Reader }{strings.NewReader("abc")}, "0\r\n\r\n", "POST /x?a=1 HTTP/1.1\r\nhost: 10.0.0.9\r\nx-a: 1\r\nx-b: 2\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
		"in absolute-form":  {true, strings.NewReader("abc"), "abc", "POST http://10.0.0.9/x?a=1 HTTP/1.1\r\nhost: 10.0.0.9\r\nx-a: 1\r\nx-b: 2\r\ncontent-length: 3\r\n\r\nabc"},
		"without any bytes": {false, http.NoBody, "\r\n\r\n", "POST /x?a=1 HTTP/1.1\r\nhost: 10.0.0.9\r\nx-a: 1\r\nx-b: 2\r\ncontent-length: 0\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			within(t, c.absolute, func(here *city) {
				r, _ := http.NewRequest("POST", "http://10.0.0.9/x?a=1", c.body)
				r.Header["X-B"], r.Header["X-A"] = []string{"2"}, []string{"1"}
				if got := here.asked(t, r, c.end); got != "true 10.0.0.1 "+c.want {
					t.Errorf("got %q", got)
				}
			})
		})
	}
}

// What is not HTTP/2 passes as it came, from its first byte on.
func TestOtherConnectionsPass(t *testing.T) {
	for _, text := range []string{"PRI * HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\n\r\n", "P"} {
		within(t, false, func(c *city) {
			dialled, err := c.net.Host("10.0.0.1").DialContext(context.Background(), "tcp", "10.0.0.9:80")
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(dialled, text)
			dialled.Close()
			conn, err := c.l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(conn); string(got) != text || err != nil || Is(conn) {
				t.Errorf("%q, %v", got, err)
			}
			conn.Close()
		})
	}
}

// Who serves a stream hears that the peer has reset it.
func TestPeerResetsStream(t *testing.T) {
	within(t, false, func(c *city) {
		ctx, leave := context.WithTimeout(context.Background(), time.Second)
		defer leave()
		heard := make(chan error)
		go func() {
			conn, err := c.l.Accept()
			if err == nil {
				defer conn.Close()
				_, err = io.Copy(io.Discard, conn)
			}
			heard <- err
		}()
		r, _ := http.NewRequestWithContext(ctx, "GET", "http://10.0.0.9/", nil)
		if _, err := c.client.RoundTrip(r); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the client: %v", err)
		}
		if err := <-heard; !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("who serves: %v", err)
		}
	})
}
