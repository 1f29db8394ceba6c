package wire

import (
	"errors"
	"io"
	"net"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies/fault"
)

// A connection on which another request is out is not idle, whatever was answered.
func TestWhatIsAskedForIsNotIdle(t *testing.T) {
	line := "hop 0: on poll 1, idle 3s: close"
	inStreet(t, func(s *street, peer, box net.Conn) {
		send(t, peer, request+request)
		readN(t, box, 2*len(request))
		send(t, box, answer)
		readN(t, peer, len(answer))
		time.Sleep(10 * time.Second)
		s.fired(line)
		send(t, box, answer)
		wantEnd(t, peer, answer, fin) // now it is
		s.fired(line, 1)
	}, line)
}

// A timer that was overtaken by what stopped it does nothing.
func TestAStoppedTimerIsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrapped, _ := New(Options{}).wrap(&scripted{}, attempt{id: 1})
		c, fired := wrapped.(*conn), 0
		decide := func() (fault.Hit, bool) { fired++; return fault.Hit{}, false }
		locked := func(do func()) {
			c.mu.Lock()
			defer c.mu.Unlock()
			do()
		}
		locked(func() { c.idle.after(time.Second, decide, nil) })
		time.Sleep(2 * time.Second)
		ring := func() { fired++ }
		locked(func() {
			c.idle.after(time.Second, decide, nil)
			c.idle.timers = nil // it was stopped when it had begun
			c.idle.after(time.Hour, decide, nil)
			c.alarms.add(c, fault.Hit{}, time.Second, ring)
			c.alarms.set = nil // likewise
			c.alarms.add(c, fault.Hit{}, time.Hour, ring)
			if c.alarms.stop(""); len(c.alarms.set) > 0 {
				t.Error("an alarm that is stopped may ring")
			}
		})
		time.Sleep(2 * time.Second)
		c.mu.Lock()
		defer c.mu.Unlock()
		if fired != 1 {
			t.Errorf("%d timers fired", fired)
		}
	})
}

// Nobody is idle on a connection that an effect has taken, or that the peer has left.
func TestNobodyIsIdleOnWhatIsOver(t *testing.T) {
	const idle = "hop 0: after idle 30s: close"
	for _, faults := range [][]string{{idle, "hop 0: at 10s: blackhole"}, {idle}} {
		inStreet(t, func(s *street, peer, box net.Conn) {
			send(t, peer, request)
			readN(t, box, len(request))
			send(t, box, answer)
			readN(t, peer, len(answer))
			if len(faults) == 1 {
				box.(*conn).mu.Lock()
				_ = box.(*conn).out.writeFailed(syscall.ECONNRESET)
				box.(*conn).mu.Unlock()
			}
			time.Sleep(time.Minute)
			s.fired(idle)
		}, faults...)
	}
	synctest.Test(t, func(t *testing.T) {
		tap := New(options(t, nil, idle))
		c, _ := tap.wrap(gone{&scripted{reads: []string{request}}}, attempt{id: 1})
		readN(t, c, len(request))
		if _, err := io.WriteString(c, answer); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("its answer: %v", err)
		}
		time.Sleep(time.Minute)
		if fired := tap.Fired(); len(fired) > 0 {
			t.Errorf("one that has left when its answer comes: fired %v", fired)
		}
		_ = tap.Close()
	})
}

// A moment that is still to come is one, however near it is; what is past is none, nor is
// one at which chance has it otherwise.
func TestAMomentIsStillToCome(t *testing.T) {
	const at = time.Second
	for left, want := range map[time.Duration][]int{1: {1}, 0: nil, 2: nil} {
		line := "hop 0: at 1s: close"
		if left == 2 {
			line += ", with p=0.0001"
		}
		inStreet(t, func(s *street, _, _ net.Conn) {
			time.Sleep(at - s.tap.since() - left)
			s.tap.Rearm(options(t, nil, line).Faults)
			time.Sleep(at)
			if fired := s.tap.Fired()[line]; !slices.Equal(fired, want) {
				t.Errorf("%v before it: fired %v, want %v", left, fired, want)
			}
		})
	}
}
