package simnet_test

import (
	"context"
	"os"
	"testing"
	"time"

	"gauntlet/proxies/simnet"
)

func TestEachWriteTakesTheLatency(t *testing.T) {
	for _, latency := range []time.Duration{0, time.Millisecond, 70 * time.Millisecond} {
		t.Run(latency.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) { measure(t, latency) })
		})
	}
}

// measure times the handshake and two writes, the second sent on the way of
// the first; latency 0 must mean the default.
func measure(t *testing.T, latency time.Duration) {
	n := simnet.New(simnet.Options{Latency: latency})
	defer n.Close()
	if latency == 0 {
		latency = time.Millisecond
	}
	l := listen(t, n.Host(serverIP), ":80")
	began := time.Now()
	c, err := dial(n.Host(clientIP), serverIP+":80")
	if took := time.Since(began); err != nil || took != 2*latency {
		t.Fatalf("the handshake took %v, %v", took, err)
	}
	s, _ := l.Accept()
	began = time.Now()
	write(t, c, "first")
	time.Sleep(latency / 2)
	write(t, c, "second")
	for i, text := range []string{"first", "second"} {
		wantRead(t, s, text)
		if took := time.Since(began); took != latency+time.Duration(i)*latency/2 {
			t.Errorf("%s arrived after %v", text, took)
		}
	}
}

func TestDeadlinesAreExact(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, s := pair(t)
		began := time.Now()
		c.SetDeadline(began.Add(30 * time.Second))
		wantReadError(t, c, os.ErrDeadlineExceeded)
		_, err := c.Write([]byte("x"))
		wantError(t, "write", err, os.ErrDeadlineExceeded)
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("the deadline came after %v", took)
		}
		c.SetDeadline(time.Time{})
		write(t, s, "again")
		wantRead(t, c, "again")
	})
}

func TestDeadlineThatMovesWhileBlocked(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, _ := pair(t)
		began := time.Now()
		c.SetReadDeadline(began.Add(time.Hour))
		time.AfterFunc(time.Second, func() { c.SetReadDeadline(began.Add(2 * time.Hour)) })
		wantReadError(t, c, os.ErrDeadlineExceeded)
		if took := time.Since(began); took != 2*time.Hour {
			t.Errorf("the deadline came after %v", took)
		}
	})
}

func TestDialHonoursItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{Latency: time.Second})
		defer n.Close()
		listen(t, n.Host(serverIP), ":80")
		ctx, cancel := context.WithTimeout(context.Background(), 1500*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := n.Host(clientIP).DialContext(ctx, "tcp", serverIP+":80")
		wantError(t, "dial", err, context.DeadlineExceeded)
		if took := time.Since(began); took != 1500*time.Millisecond {
			t.Errorf("the dial gave up after %v", took)
		}
		_, err = n.Host(clientIP).DialContext(ctx, "tcp", serverIP+":80")
		wantError(t, "dial", err, context.DeadlineExceeded)
	})
}
