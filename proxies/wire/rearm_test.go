package wire

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/simnet"
)

// Faults that come and go while a connection is in use.
func TestRearm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{})
		defer n.Close()
		l, err := n.Host("10.0.0.9").Listen(":80")
		if err != nil {
			t.Fatal(err)
		}
		tap := New(Options{Standing: true})
		defer tap.Close()
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })}
		go server.Serve(tap.Listen(l))
		defer server.Close()
		c, err := n.Host("10.0.0.1").DialContext(context.Background(), "tcp", "10.0.0.9:80")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		in := bufio.NewReader(c)
		ask := func() error {
			io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
			resp, err := http.ReadResponse(in, nil)
			if err == nil {
				_, err = io.ReadAll(resp.Body)
			}
			return err
		}
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		f, err := fault.Parse("hop 0: on request 2, answer: reset", fault.Vocabulary{})
		if err != nil {
			t.Fatal(err)
		}
		armed := fault.NewSchedule(nil, 1).With(f)
		tap.Rearm(armed)
		tap.Rearm(armed.Without(f.String()))
		for range 3 {
			if err := ask(); err != nil {
				t.Fatalf("disarmed: %v", err)
			}
		}
		tap.Rearm(armed)
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		if err := ask(); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("armed: %v", err)
		}
		if got := tap.Fired()[f.String()]; len(got) != 1 || got[0] != 1 {
			t.Errorf("fired %v", got)
		}
	})
}

// A moment that was to come for a fault which is no more does not come.
func TestAMomentIsCalledOff(t *testing.T) {
	const line = "hop 0: at 10s: close"
	inStreet(t, func(s *street, peer, box net.Conn) {
		s.tap.Rearm(fault.NewSchedule(nil, 1))
		time.Sleep(time.Minute)
		send(t, peer, "still here")
		readN(t, box, 10)
		s.fired(line)
	}, line)
}

// A fault that is lifted calls nothing later any more; the others do.
func TestWhatIsLiftedComesNoMore(t *testing.T) {
	const lifted, stays = "hop 0: on poll 1, head: reset later 5s", "hop 0: on poll 1, head: close later 9s"
	inStreet(t, func(s *street, peer, box net.Conn) {
		send(t, peer, request)
		readN(t, box, len(request))
		s.tap.Lift(lifted)
		if alive := took(func() { wantEnd(t, peer, "", fin) }); alive != 9*time.Second+time.Millisecond {
			t.Errorf("it lived for %v", alive)
		}
	}, lifted, stays)
}

// Nor is anything done later to a connection that has ended by then.
func TestNothingComesBehindTheEnd(t *testing.T) {
	const line = "hop 0: on connection 1: close later 5s"
	inStreet(t, func(s *street, peer, box net.Conn) {
		_ = box.Close()
		wantEnd(t, peer, "", fin)
		time.Sleep(time.Minute)
		s.fired(line)
	}, line)
}

// A connection that comes while a fault is put in force is struck by it once, whether it
// was asked for before or after.
func TestAFaultStrikesOnceWhoComesMeanwhile(t *testing.T) {
	const line = "hop 0: on connection 1: delay 3s to box, every 1st"
	f, err := fault.Parse(line, fault.Vocabulary{})
	if err != nil {
		t.Fatal(err)
	}
	var both *fault.Schedule // what was in force, and the fault
	for what, come := range map[string]func(tap *Tap, c net.Conn){
		"asked for and taken before": func(tap *Tap, c net.Conn) {
			tap.wrap(c, tap.attempt())
			tap.Rearm(both, line)
		},
		"asked for before, taken after": func(tap *Tap, c net.Conn) {
			asked := tap.attempt()
			tap.Rearm(both, line)
			tap.wrap(c, asked)
		},
		"asked for and taken after": func(tap *Tap, c net.Conn) {
			tap.Rearm(both, line)
			tap.wrap(c, tap.attempt())
		},
		"asked for before, when it was in force already": func(tap *Tap, c net.Conn) {
			tap.Rearm(both)
			asked := tap.attempt()
			tap.Rearm(both.With())
			tap.wrap(c, asked)
		},
		"asked for before, when one like it was in force": func(tap *Tap, c net.Conn) {
			tap.Rearm(both)
			asked := tap.attempt()
			tap.Rearm(both.Without(line).With(f), line)
			tap.wrap(c, asked)
		},
	} {
		t.Run(what, func(t *testing.T) {
			none := fault.NewSchedule(nil, 1)
			both = none.With(f)
			tap := New(Options{Standing: true, Faults: none})
			peer, box := net.Pipe()
			defer peer.Close()
			come(tap, box)
			if got := tap.Fired()[line]; !slices.Equal(got, []int{1}) {
				t.Errorf("fired on %v", got)
			}
			if err := tap.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A fault that is taken away before a connection is there does not strike it any more: it
// could not be lifted. Two that are alike count each for itself.
func TestWhatIsTakenAwayMeanwhileDoesNotStrike(t *testing.T) {
	const line = "hop 0: on connection 1: delay 3s to box"
	f, err := fault.Parse(line, fault.Vocabulary{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		before, after, want int // how many such faults are in force, and act
	}{{1, 0, 0}, {0, 2, 2}, {2, 2, 2}} {
		faults := func(n int) (list []fault.Fault) {
			for range n {
				list = append(list, f)
			}
			return list
		}
		before := fault.NewSchedule(faults(c.before), 1)
		tap := New(Options{Standing: true, Faults: before})
		peer, box := net.Pipe()
		asked := tap.attempt()
		after := before.With(faults(c.after - min(c.before, c.after))...)
		if c.after == 0 {
			after = before.Without(line)
		}
		tap.Rearm(after)
		tap.wrap(box, asked)
		if got := tap.Fired()[line]; len(got) != c.want {
			t.Errorf("%d before and %d after: fired on %v", c.before, c.after, got)
		}
		peer.Close()
		if err := tap.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A moment that comes while connections come is for those that are there.
func TestAMomentAmongComers(t *testing.T) {
	const line = "hop 0: at 5ms: delay 1s to box"
	synctest.Test(t, func(t *testing.T) {
		tap := New(options(t, nil, line))
		for range 5 {
			time.Sleep(2 * time.Millisecond)
			peer, box := net.Pipe()
			defer peer.Close()
			tap.wrap(box, tap.attempt())
		}
		if got := tap.Fired()[line]; !slices.Equal(got, []int{1, 2}) {
			t.Errorf("fired on %v", got)
		}
		if err := tap.Close(); err != nil {
			t.Error(err)
		}
	})
}
