package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies/simnet"
)

// street is a hop in virtual time, without HTTP on either side.
type street struct {
	*hop
	net *simnet.Net
}

// inStreet runs play in a bubble with one connection of the hop.
func inStreet(t *testing.T, play func(s *street, peer, box net.Conn), faults ...string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{Latency: time.Millisecond})
		defer n.Close()
		s := &street{hop: &hop{t: t}, net: n}
		inner, err := n.Host("10.0.0.2").Listen(":80")
		if err != nil {
			t.Fatal(err)
		}
		s.tap = New(options(t, &s.log, faults...))
		s.l = s.tap.Listen(inner)
		peer, box := s.connect()
		play(s, peer, box)
		_, _ = peer.Close(), box.Close()
		_ = s.tap.Close()
		_ = s.l.Close()
		synctest.Wait()
	})
}

func (s *street) connect() (peer, box net.Conn) {
	s.t.Helper()
	peer, err := s.net.Host("10.0.0.1").DialContext(s.t.Context(), "tcp", "10.0.0.2:80")
	if err != nil {
		s.t.Fatal(err)
	}
	if box, err = s.l.Accept(); err != nil {
		s.t.Fatal(err)
	}
	_ = peer.SetDeadline(time.Now().Add(time.Hour))
	return peer, box
}

// took is the virtual time that work takes.
func took(work func()) time.Duration {
	began := time.Now()
	work()
	return time.Since(began).Truncate(time.Millisecond)
}

// flows are the effects on the flow of bytes: how long a request then takes to
// the box and an answer to the peer. The network's own latency is 1 ms each way.
func flows() map[string][2]time.Duration {
	const ms = time.Millisecond
	rest := func(d time.Duration) time.Duration { return time.Duration(len(request)-1) * d } // after the first byte
	return map[string][2]time.Duration{
		"head: delay 200ms":                         {201 * ms, 201 * ms},
		"answer: delay 200ms":                       {1 * ms, 201 * ms},
		"head: stall for 5s":                        {5001 * ms, 1 * ms},
		"forward: stall for 5s":                     {5001 * ms, 1 * ms},
		"answer: stall for 5s":                      {1 * ms, 5001 * ms},
		"response byte 20: stall for 5s":            {1 * ms, 5001 * ms},
		"answer: hold 3s":                           {1 * ms, 3001 * ms},
		"answer: coalesce 700ms":                    {1 * ms, 701 * ms},
		"head: dribble 1 bytes every 10ms":          {ms + rest(10*ms), ms + 42*10*ms},
		"head: dribble 10 bytes every 1s to box":    {ms + 4*time.Second, 1 * ms},
		"head: dribble 10 bytes every 1s to client": {1 * ms, ms + 4*time.Second},
		"head: bandwidth 10":                        {ms + rest(100*ms), ms + 42*100*ms},
		"answer: bandwidth 100":                     {1 * ms, ms + 420*ms},
	}
}

func TestEffectsOnTheFlow(t *testing.T) {
	for what, want := range flows() {
		t.Run(what, func(t *testing.T) {
			line := "hop 0: on poll 1, " + what
			inStreet(t, func(s *street, peer, box net.Conn) {
				in := took(func() { send(t, peer, request); readN(t, box, len(request)) })
				out := took(func() {
					go func() { _, _ = io.WriteString(box, answer) }()
					if got := readN(t, peer, len(answer)); got != answer {
						t.Errorf("the peer read %q", got)
					}
				})
				if in != want[0] || out != want[1] {
					t.Errorf("took %v and %v, want %v and %v", in, out, want[0], want[1])
				}
				s.fired(line, 1)
			}, line)
		})
	}
}

func TestJitterIsTheSeedsAndWithinItsBounds(t *testing.T) {
	times := func() (out []time.Duration) {
		line := "hop 0: on poll 1, head: delay 100ms jitter 50ms"
		inStreet(t, func(_ *street, peer, box net.Conn) {
			for range 20 {
				out = append(out, took(func() { send(t, peer, request); readN(t, box, len(request)) }))
				time.Sleep(time.Second)
			}
		}, line)
		return out
	}
	first := times()
	if again := times(); fmt.Sprint(first) != fmt.Sprint(again) {
		t.Errorf("%v, then %v", first, again)
	}
	different := map[time.Duration]bool{}
	for _, d := range first {
		different[d] = true
		if d < 101*time.Millisecond || d > 151*time.Millisecond {
			t.Errorf("took %v", d)
		}
	}
	if len(different) < 10 {
		t.Errorf("only %v", different)
	}
}

func TestAPaceEndsWithItsFault(t *testing.T) {
	line := "hop 0: on poll 1, head: delay 1s, until 10s"
	inStreet(t, func(_ *street, peer, box net.Conn) {
		ask := func() time.Duration {
			return took(func() {
				send(t, peer, request)
				readN(t, box, len(request))
				send(t, box, answer)
				readN(t, peer, len(answer))
			})
		}
		slow := ask()
		time.Sleep(20 * time.Second)
		if fast := ask(); slow != 2002*time.Millisecond || fast != 2*time.Millisecond {
			t.Errorf("took %v, after the end %v", slow, fast)
		}
	}, line)
}

// What is held arrives late, and the hop knows at once that the peer has left: it gets no
// answer any more.
func TestThePeerLeavesWhileItIsHeld(t *testing.T) {
	line := "hop 0: on poll 1, forward: stall for 30s"
	inStreet(t, func(s *street, peer, box net.Conn) {
		send(t, peer, request)
		go func() {
			time.Sleep(20 * time.Second)
			_ = peer.Close()
		}()
		if in := took(func() { readN(t, box, len(request)) }); in != 30001*time.Millisecond {
			t.Errorf("took %v", in)
		}
		wantEnd(t, box, "", fin)
		if _, err := io.WriteString(box, answer); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("its answer: %v", err)
		}
		s.happened("fired", "closed", "peer FIN")
		for _, e := range s.log.events {
			if e.Kind == Closed && time.Since(e.At) < 9*time.Second {
				t.Errorf("told %v ago", time.Since(e.At))
			}
		}
	}, line)
}

func TestDeadlinesWhileHeld(t *testing.T) {
	inStreet(t, func(_ *street, peer, box net.Conn) {
		send(t, peer, request)
		_ = box.SetReadDeadline(time.Now().Add(time.Second))
		if waited := took(func() { wantEnd(t, box, "", "timeout") }); waited != time.Second {
			t.Errorf("waited %v", waited)
		}
		_ = box.SetReadDeadline(time.Time{})
		time.AfterFunc(time.Second, func() { _ = box.SetReadDeadline(time.Unix(1, 0)) })
		if waited := took(func() { wantEnd(t, box, "", "timeout") }); waited != time.Second {
			t.Errorf("interrupted after %v", waited)
		}
		_ = box.SetReadDeadline(time.Time{})
		if in := took(func() { readN(t, box, len(request)) }); in != 58*time.Second+time.Millisecond {
			t.Errorf("took %v", in)
		}
	}, "hop 0: on poll 1, head: stall for 1m")
}

// Whoever waits for an end that comes later, or for an effect, waits no longer than it may.
func TestDeadlinesBeforeTheEnd(t *testing.T) {
	inStreet(t, func(_ *street, peer, box net.Conn) {
		_ = peer.Close()
		_ = box.SetReadDeadline(time.Now().Add(time.Second))
		if waited := took(func() { wantEnd(t, box, "", "timeout") }); waited != time.Second {
			t.Errorf("waited %v", waited)
		}
		_ = box.SetReadDeadline(time.Time{})
		wantEnd(t, box, "", fin)
		_ = box.Close()
		wantEnd(t, box, "", "closed")
		if _, err := io.WriteString(box, answer); !errors.Is(err, net.ErrClosed) || !saidOf(err, "write") {
			t.Errorf("a write behind its end: %v", err)
		}
	}, "hop 0: on connection 1: delay end 5s to box")
}

func TestCoalesceHandsOnOnePiece(t *testing.T) {
	inStreet(t, func(_ *street, peer, box net.Conn) {
		send(t, peer, request)
		readN(t, box, len(request))
		go func() {
			for _, piece := range strings.SplitAfter(answer, "\n") {
				_, _ = io.WriteString(box, piece)
				time.Sleep(100 * time.Millisecond)
			}
		}()
		got := make([]byte, 1000)
		if n, err := peer.Read(got); string(got[:n]) != answer || err != nil {
			t.Errorf("read %q, %v", got[:n], err)
		}
		time.Sleep(time.Second)
	}, "hop 0: on poll 1, answer: coalesce 2s")
}
