package simnet_test

import (
	"fmt"
	"net"
	"slices"
	"syscall"
	"testing"
	"time"

	"gauntlet/proxies/simnet"
)

// In a slot nothing arrives in the instant of anything else, and always in the
// same order, however often it is tried: a bubble draws the order within one
// instant by chance.
func TestNothingArrivesTogether(t *testing.T) {
	bubble(t, func(t *testing.T) {
		first := arrivals(t)
		for range 20 {
			if again := arrivals(t); !slices.Equal(again, first) {
				t.Fatalf("now %q, before %q", again, first)
			}
		}
	})
}

// arrivals is in which order, and how long after they were sent in one instant,
// ten bytes arrive on connections of their own. How long is read in slots.
func arrivals(t *testing.T) (order []string) {
	const slot = 10 * time.Microsecond
	n := simnet.New(simnet.Options{Slot: slot})
	defer n.Close()
	l := listen(t, n.Host(serverIP), ":80")
	arrived := make(chan string)
	var ends []net.Conn
	for i := range 10 {
		c, err := dial(n.Host(clientIP), serverIP+":80")
		if err != nil {
			t.Fatal(err)
		}
		s, _ := l.Accept()
		ends = append(ends, c)
		go func() {
			_, _ = s.Read(make([]byte, 1))
			arrived <- fmt.Sprintf("%d at %v", i, time.Now().Truncate(slot).Format("05.000000000"))
		}()
	}
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) // each time the same part of a second
	for _, c := range slices.Backward(ends) {
		write(t, c, "x")
	}
	for range ends {
		text := <-arrived
		order = append(order, text[:len("0 at ")]+text[len("0 at 05"):])
	}
	return order
}

// A dial that waits for a listener which answers nobody ends with the network, though
// nobody is left to wait for a clock: a bubble's stands still by then.
func TestADialIsNotLeftBehind(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{Slot: 10 * time.Microsecond})
		listen(t, n.Host(serverIP), ":80").SetGate(func(string, string) error { return syscall.ETIMEDOUT })
		ended := make(chan error, 1)
		go func() {
			_, err := dial(n.Host(clientIP), serverIP+":80")
			ended <- err
		}()
		time.Sleep(5 * time.Second)
		_ = n.Close()
		select {
		case err := <-ended:
			wantError(t, "a dial into a network that is closed", err, net.ErrClosed)
		default: // it may end behind us
		}
	})
}
