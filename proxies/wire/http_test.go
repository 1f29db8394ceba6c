package wire

import (
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

// city is a net/http server behind a Tap and a client, in a bubble.
type city struct {
	t      *testing.T
	log    log
	tap    *Tap
	client *http.Client
	host   *simnet.Host
	served int
}

// inCity runs play in a bubble; all that was started has to end in it.
func inCity(t *testing.T, play func(*city), faults ...string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{})
		defer n.Close()
		c := &city{t: t, host: n.Host("10.0.0.1")}
		inner, err := n.Host("10.0.0.2").Listen(":80")
		if err != nil {
			t.Fatal(err)
		}
		c.tap = New(options(t, &c.log, faults...))
		server := &http.Server{Handler: http.HandlerFunc(c.serve)}
		go func() { _ = server.Serve(c.tap.Listen(inner)) }()
		transport := &http.Transport{DialContext: c.host.DialContext}
		c.client = &http.Client{Transport: transport, Timeout: time.Minute}
		play(c)
		transport.CloseIdleConnections()
		_ = c.tap.Close()
		_ = server.Close()
		synctest.Wait()
	})
}

func (c *city) serve(w http.ResponseWriter, r *http.Request) {
	c.served++
	body, _ := io.ReadAll(r.Body)
	_, _ = w.Write(append([]byte("you said "), body...))
}

// ask posts and returns the answer's body.
func (c *city) ask(path, body string) (string, error) {
	r, _ := http.NewRequestWithContext(context.Background(), "POST", "http://10.0.0.2"+path, strings.NewReader(body))
	answer, err := c.client.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	return string(got), err
}

func TestHTTPServerUnderEachEffect(t *testing.T) {
	for _, effect := range []string{"close", "reset", "stall"} {
		for at, served := range map[string]int{"head": 2, "request byte 20": 2, "forward": 3, "answer": 3, "response byte 30": 3, "response byte 120": 3} {
			fault := "hop 0: on poll 2, " + at + ": " + effect
			t.Run(at+" "+effect, func(t *testing.T) {
				inCity(t, func(c *city) { disturbSecond(c, fault, effect, served) }, fault)
			})
		}
	}
}

// disturbSecond asks three times; the second fails and the third works.
func disturbSecond(c *city, fault, effect string, served int) {
	for i, works := range []bool{true, false, true} {
		got, err := c.ask("/poll", fmt.Sprint(i))
		if works && got != fmt.Sprint("you said ", i) || works != (err == nil) {
			c.t.Errorf("%d: %q, %v", i, got, err)
		}
		if !works && !failsBy(err, effect) {
			c.t.Errorf("%d failed by %v", i, err)
		}
	}
	if fired := c.tap.Fired()[fault]; len(fired) != 1 {
		c.t.Errorf("fired %v", fired)
	}
	want := map[string]string{"close": "closed", "reset": "closed", "stall": ""}[effect]
	if !inOrder(c.log.lines(), []string{"1/2 fired", want, "2/3 request head"}) {
		c.t.Errorf("happened:\n%s", c.log.lines())
	}
	if c.served != served { // at forward, the handler sees a body that breaks off
		c.t.Errorf("served %d, want %d", c.served, served)
	}
}

func failsBy(err error, effect string) bool {
	switch effect {
	case "close":
		return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	case "reset":
		return errors.Is(err, syscall.ECONNRESET)
	}
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func TestRefusalAtAGate(t *testing.T) {
	inCity(t, func(c *city) {
		if _, err := c.ask("/poll", "a"); !errors.Is(err, syscall.ECONNREFUSED) {
			c.t.Errorf("refused: %v", err)
		}
		if got, err := c.ask("/poll", "a"); got != "you said a" {
			c.t.Errorf("then: %q, %v", got, err)
		}
		want := []string{"1/0 fired hop 0: on connection 1: refuse", "1/0 refused", "2/0 accepted", "2/1 request head"}
		if !inOrder(c.log.lines(), want) {
			c.t.Errorf("happened:\n%s", c.log.lines())
		}
	}, "hop 0: on connection 1: refuse")
}

func TestIdleCutInVirtualTime(t *testing.T) {
	inCity(t, func(c *city) {
		for _, pause := range []time.Duration{29 * time.Second, 31 * time.Second, time.Minute} {
			if got, err := c.ask("/poll", "a"); got != "you said a" {
				c.t.Errorf("%q, %v", got, err)
			}
			time.Sleep(pause)
		}
		if fired := c.tap.Fired(); fmt.Sprint(fired) != "map[hop 0: after idle 30s: close:[1]]" {
			c.t.Errorf("fired %v", fired)
		}
	}, "hop 0: after idle 30s: close")
}

func TestABubbleEndsWithAStalledConnectionOpen(t *testing.T) {
	inCity(t, func(c *city) {
		conn, err := c.host.DialContext(context.Background(), "tcp", "10.0.0.2:80")
		if err != nil {
			c.t.Fatal(err)
		}
		send(c.t, conn, request)
		time.Sleep(time.Hour)
		_ = c.tap.Close()
		wantEnd(c.t, conn, "", fin)
		_ = conn.Close()
	}, "hop 0: on poll 1, answer: stall")
}

// A client that never goes keeps neither a cut connection nor a timer alive.
func TestABubbleEndsAfterACutWithTheClientStillThere(t *testing.T) {
	for _, effect := range []string{"close", "reset"} {
		inCity(t, func(c *city) {
			conn, _ := c.host.DialContext(context.Background(), "tcp", "10.0.0.2:80")
			send(c.t, conn, request)
			_, _ = io.ReadAll(conn)
			time.Sleep(time.Hour)
			_ = conn.Close()
		}, "hop 0: on poll 1, response byte 20: "+effect)
	}
}

// On real sockets: the same server, the kernel's own endings.
func TestHTTPServerOnRealSockets(t *testing.T) {
	for effect, fails := range map[string]error{"close": io.EOF, "reset": syscall.ECONNRESET, "stall": context.DeadlineExceeded} {
		h := newHop(t, "hop 0: on poll 2, answer: "+effect)
		server := &http.Server{Handler: http.HandlerFunc((&city{}).serve)}
		go func() { _ = server.Serve(h.l) }()
		c := &city{client: &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return net.Dial("tcp", h.l.Addr().String())
		}}, Timeout: 200 * time.Millisecond}}
		for i, want := range []error{nil, fails, nil} {
			if _, err := c.ask("/poll", "x"); !errors.Is(err, want) {
				t.Errorf("%s: %d: %v, want %v", effect, i, err, want)
			}
		}
		h.happened("fired")
		c.client.CloseIdleConnections()
		_ = h.tap.Close()
		_ = server.Close()
	}
}
