package wire

import (
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"gauntlet/proxies/fault"
)

// rawly are what effects do to bytes that are none of HTTP, with faults that strike
// each connection: when something comes to each end, what it reads of "hello" and
// "more", or of "answer", how that ends, and when.
func rawly() map[string][2]string {
	return map[string][2]string{
		"":                                   {"1ms hellomore EOF 2.001s", "2ms answer EOF 2.002s"},
		"delay 300ms to box":                 {"301ms hellomore EOF 2.301s", "302ms answer EOF 2.302s"},
		"delay 300ms to client":              {"1ms hellomore EOF 2.001s", "302ms answer EOF 2.002s"},
		"delay end 5s to client":             {"1ms hellomore EOF 2.001s", "2ms answer EOF 7.002s"},
		"delay end 5s to box":                {"1ms hellomore EOF 7.001s", "2ms answer EOF 7.002s"},
		"limit 3 bytes to client":            {"1ms hello EOF 1ms", "2ms ans EOF 2ms"},
		"limit 0 bytes to client":            {"1ms hello EOF 1ms", "0s  EOF 2ms"},
		"limit 7 bytes to box":               {"1ms hellomo EOF 2.001s", "2ms answer EOF 2.002s"},
		"limit 0 bytes to box":               {"0s  EOF 1ms", "0s  EOF 2ms"},
		"limit 0 bytes then reset to box":    {"0s  RST 1ms", "0s  RST 2ms"},
		"limit 2 bytes then reset to client": {"1ms hello RST 1ms", "2ms an RST 7ms"},
		"swallow to client":                  {"1ms hellomore EOF 2.001s", "0s  EOF 2.002s"},
		"swallow to box":                     {"0s  EOF 2.001s", "0s  EOF 2.002s"},
		"swallow for 500ms to client":        {"1ms hello EOF 500ms", "0s  EOF 501ms"},
		"close later 700ms":                  {"1ms hello EOF 700ms", "2ms answer EOF 701ms"},
		"reset later 700ms":                  {"1ms hello RST 700ms", "2ms answer RST 701ms"},
	}
}

func TestEffectsOnRawBytes(t *testing.T) {
	for effect, want := range rawly() {
		t.Run(effect, func(t *testing.T) {
			var lines []string
			if effect != "" {
				lines = append(lines, "hop 0: on connection 1: "+effect+", every 1st")
			}
			inStreet(t, func(s *street, peer, box net.Conn) {
				began := time.Now()
				told := make(chan string)
				go func() { told <- reads(box, began, func() { _, _ = io.WriteString(box, "answer") }) }()
				var sender sync.WaitGroup
				defer sender.Wait()
				sender.Go(func() {
					_, _ = io.WriteString(peer, "hello")
					time.Sleep(2 * time.Second)
					_, _ = io.WriteString(peer, "more")
					_ = peer.(interface{ CloseWrite() error }).CloseWrite() // it may be over
				})
				toPeer := reads(peer, began, func() {})
				if got := [2]string{<-told, toPeer}; got != want {
					t.Errorf("the box and the peer read %q, want %q", got, want)
				}
			}, lines...)
		})
	}
}

// reads is all that comes, with what is done at the first bytes; the box then
// closes.
func reads(c net.Conn, began time.Time, first func()) string {
	var all []byte
	var came time.Duration
	since := func() time.Duration { return time.Since(began).Truncate(time.Millisecond) }
	buffer := make([]byte, 100)
	for {
		n, err := c.Read(buffer)
		if len(all) == 0 && n > 0 {
			came = since()
			first()
		}
		if all = append(all, buffer[:n]...); err != nil {
			how := "EOF"
			if err != io.EOF {
				how = ending(err)
			}
			at := since()
			_ = c.Close()
			return fmt.Sprint(came, " ", string(all), " ", how, " ", at)
		}
	}
}

// Faults that pace one direction stand one behind the other, whichever struck
// first; what has come through the first does not wait there again.
func TestPacesAddUp(t *testing.T) {
	for _, order := range [][]string{{"delay 1s to box", "bandwidth 100 to box"}, {"bandwidth 100 to box", "delay 1s to box"}} {
		var lines []string
		for _, effect := range order {
			lines = append(lines, "hop 0: on connection 1: "+effect)
		}
		inStreet(t, func(_ *street, peer, box net.Conn) {
			send(t, peer, fmt.Sprintf("%0100d", 7))
			if in := took(func() { readN(t, box, 100) }); in < 1981*time.Millisecond || order[0][0] == 'd' && in > 1982*time.Millisecond {
				t.Errorf("%v: took %v", order, in)
			}
		}, lines...)
	}
}

// What waits before one that swallows is waited for.
func TestWhatWaitsBeforeASwallow(t *testing.T) {
	var gate turnstile
	later := time.Now().Add(time.Hour)
	gate.put(stage{of: "a", pacer: &drip{later}})
	gate.put(stage{of: "b", swallows: true})
	if r := gate.admit(5); !r.waits() || !r.again.Equal(later) || r.lost {
		t.Errorf("%+v", r)
	}
}

// A limit is met wherever its stage stands.
func TestALimitBehindAnotherStage(t *testing.T) {
	var gate turnstile
	gate.put(stage{of: "a"})
	gate.put(stage{of: "b", limit: fin, left: 1})
	if before, r := gate.spent(), gate.admit(1); before != "" || r.n != 1 || gate.spent() != fin {
		t.Errorf("%q, %+v, %q", before, r, gate.spent())
	}
}

// What one fault lets through and the next swallows has passed the first: its limit is met.
func TestWhatIsSwallowedCountsForTheLimitBeforeIt(t *testing.T) {
	var gate turnstile
	gate.put(stage{of: "a", limit: fin, left: 3})
	gate.put(stage{of: "b", swallows: true})
	if r := gate.admit(2); r.n != 2 || !r.lost || gate.spent() != "" {
		t.Errorf("%+v, spent %q", r, gate.spent())
	}
	if r := gate.admit(5); r.n != 1 || !r.lost || gate.spent() != fin {
		t.Errorf("%+v, spent %q", r, gate.spent())
	}
}

// Which of the stages has swallowed is known wherever it stands.
func TestTheStageThatSwallowedIsLifted(t *testing.T) {
	var gate turnstile
	gate.put(stage{of: "a", swallows: true})
	gate.put(stage{of: "b"})
	if a, b := gate.lift("a"), gate.lift("b"); !a || b || gate.armed() {
		t.Errorf("%t and %t, left %+v", a, b, gate)
	}
}

// A fault strikes connections that are open already when it is said so, as far as
// chance lets it, and is lifted from them.
func TestStrikeAndLift(t *testing.T) {
	inStreet(t, func(s *street, peer, box net.Conn) {
		slow, err := fault.Parse("hop 0: on connection 1: delay 3s to box, every 1st", fault.Vocabulary{})
		never, err2 := fault.Parse("hop 0: on connection 1: delay 5s to box, with p=0.0001", fault.Vocabulary{})
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		in := func() time.Duration { return took(func() { send(t, peer, "hello"); readN(t, box, 5) }) }
		both := fault.NewSchedule([]fault.Fault{slow, never}, 1)
		s.tap.Rearm(both)
		before := in()
		s.tap.Rearm(both, slow.String(), never.String())
		struck := in()
		s.tap.Lift(slow.String())
		if after := in(); !slices.Equal([]time.Duration{before, struck, after}, []time.Duration{time.Millisecond, 3001 * time.Millisecond, time.Millisecond}) {
			t.Errorf("took %v, then %v, then %v", before, struck, after)
		}
		s.tap.Rearm(both, slow.String())
		send(t, peer, "hello")
		time.AfterFunc(time.Second, func() { s.tap.Lift(slow.String()) })
		if held := took(func() { readN(t, box, 5) }); held != time.Second {
			t.Errorf("what was held came after %v", held)
		}
		s.fired(slow.String(), 1, 1)
		s.fired(never.String())
	})
}

// Of whom bytes were swallowed the connection is closed when that is lifted.
func TestLiftingASwallow(t *testing.T) {
	const line = "hop 0: on connection 1: swallow for 1h to client"
	inStreet(t, func(s *street, peer, box net.Conn) {
		s.tap.Lift(line)
		wantEnd(t, peer, "", fin)
		wantEnd(t, box, "", fin)
	}, line)
}
