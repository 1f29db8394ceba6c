package wire

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/simnet"
)

// named is a name that leads to 10.0.0.2 and 10.0.0.3 beside it, each with somebody who
// listens; nobody answers at port 80 of fault.Unreached, and at 81 everybody refuses.
func named(t *testing.T) *simnet.Net {
	n := simnet.New(simnet.Options{Latency: time.Millisecond})
	n.Host("10.0.0.2", "gateway.example")
	for _, host := range []string{"10.0.0.2", "10.0.0.3", fault.Unreached} {
		l, err := n.Host(host).Listen(":80")
		if err != nil {
			t.Fatal(err)
		}
		if host == fault.Unreached {
			l.(*simnet.Listener).SetGate(func(string, string) error { return syscall.ETIMEDOUT })
		}
	}
	return n
}

func TestNamesThatAreLookedUp(t *testing.T) {
	for effect, want := range map[string]struct {
		to   string // "" if there is no such name
		took time.Duration
	}{
		"no such name": {"", 0}, "late 6s": {"10.0.0.2:80", 6*time.Second + 2*time.Millisecond}, "lead to 10.0.0.3": {"10.0.0.3:80", 2 * time.Millisecond},
		"ipv6 first dead": {"10.0.0.2:80", 302 * time.Millisecond}, `lead to "2001:db8::81"`: {"refused", 2 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			n, l := named(t), &log{}
			defer n.Close()
			line := "hop 0: on lookup 2: " + effect
			tap := New(options(t, l, line))
			way := tap.Resolving(n.Host("10.0.0.1"))
			for lookup := 1; lookup <= 3; lookup++ {
				began := time.Now()
				conn, err := way.DialContext(t.Context(), "tcp", "gateway.example:80")
				took, expected := time.Since(began).Truncate(time.Millisecond), want
				if lookup != 2 {
					expected.to, expected.took = "10.0.0.2:80", 2*time.Millisecond
				}
				if got := reached(conn, err); got != expected.to || took != expected.took {
					t.Errorf("%s, lookup %d: %q after %v (%v), want %q after %v", effect, lookup, got, took, err, expected.to, expected.took)
				}
			}
			if fired := tap.Fired()[line]; len(fired) != 1 {
				t.Errorf("%s: fired %v", effect, fired)
			}
		})
	}
}

// reached is where a connection has led, or what became of it instead.
func reached(conn net.Conn, err error) string {
	lost := new(net.DNSError)
	switch {
	case err == nil:
		defer conn.Close()
		return conn.RemoteAddr().String()
	case errors.As(err, &lost) && lost.IsNotFound:
		return ""
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	}
	return err.Error()
}

// While an answer is good, whoever asks again is told the same; after that, where the name
// leads by then.
func TestAnAnswerIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, l := named(t), &log{}
		defer n.Close()
		tap := New(options(t, l, "hop 0: on lookup 1: ttl 20s, every 1st"))
		way, began := tap.Resolving(n.Host("10.0.0.1")), time.Now()
		for _, c := range []struct {
			at    time.Duration
			leads string // from now on
			want  string
		}{
			{0, "10.0.0.2", "10.0.0.2:80"}, {time.Second, "10.0.0.3", "10.0.0.2:80"}, {19 * time.Second, "10.0.0.3", "10.0.0.2:80"},
			{21 * time.Second, "10.0.0.3", "10.0.0.3:80"}, {40 * time.Second, "10.0.0.2", "10.0.0.3:80"}, {42 * time.Second, "10.0.0.2", "10.0.0.2:80"},
		} {
			time.Sleep(time.Until(began.Add(c.at)))
			n.Name("gateway.example", c.leads)
			conn, err := way.DialContext(t.Context(), "tcp", "gateway.example:80")
			if got := reached(conn, err); got != c.want {
				t.Errorf("at %v: %s (%v), want %s", c.at, got, err, c.want)
			}
		}
		n.Name("other.example", "10.0.0.3")
		if all, err := way.LookupHost(t.Context(), "other.example"); err != nil || len(all) != 1 || all[0] != "10.0.0.3" {
			t.Errorf("another name: %v, %v", all, err)
		}
	})
}

// Whoever gives up meanwhile is not kept, and an address is no name.
func TestALookupIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, l := named(t), &log{}
		defer n.Close()
		way := New(options(t, l, "hop 0: on lookup 1: late 1h, every 1st")).Resolving(n.Host("10.0.0.1"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if _, err := way.DialContext(ctx, "tcp", "gateway.example:80"); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		conn, err := way.DialContext(t.Context(), "tcp", "10.0.0.3:80")
		if got := reached(conn, err); got != "10.0.0.3:80" {
			t.Errorf("an address: %s", got)
		}
		if all, err := way.LookupHost(t.Context(), "10.0.0.3"); err != nil || len(all) != 1 || all[0] != "10.0.0.3" {
			t.Errorf("%v, %v", all, err)
		}
	})
}

// A name that nobody knows is none here either, and it is the network that says so.
func TestANameThatNobodyKnows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, l := named(t), &log{}
		defer n.Close()
		host := n.Host("10.0.0.1")
		line := "hop 0: on lookup 1: lead to 10.0.0.3"
		tap := New(options(t, l, line))
		_, want := host.DialContext(t.Context(), "tcp", "nobody.example:80")
		conn, err := tap.Resolving(host).DialContext(t.Context(), "tcp", "nobody.example:80")
		if got := reached(conn, err); got != "" || err.Error() != want.Error() {
			t.Errorf("%q, %v, want %v", got, err, want)
		}
		if fired := tap.Fired()[line]; len(fired) != 0 {
			t.Errorf("fired %v", fired)
		}
	})
}

// Two families are tried side by side; a dead one costs a moment, and a refused one
// nothing.
func TestTwoFamilies(t *testing.T) {
	for effect, want := range map[string]time.Duration{"ipv6 first dead": 302 * time.Millisecond, "ipv6 first refused": 4 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			n, l := named(t), &log{}
			defer n.Close()
			port := ":80"
			if effect == "ipv6 first refused" {
				port = ":81"
				if _, err := n.Host("10.0.0.2").Listen(port); err != nil {
					t.Fatal(err)
				}
			}
			way := New(options(t, l, "hop 0: on lookup 1: "+effect)).Resolving(n.Host("10.0.0.1"))
			if all, err := way.LookupHost(t.Context(), "gateway.example"); err != nil || len(all) != 2 || all[0] != fault.Unreached {
				t.Errorf("%s: %v, %v", effect, all, err)
			}
			way = New(options(t, l, "hop 0: on lookup 1: "+effect)).Resolving(n.Host("10.0.0.1"))
			began := time.Now()
			conn, err := way.DialContext(t.Context(), "tcp", "gateway.example"+port)
			if got := reached(conn, err); got != "10.0.0.2"+port || time.Since(began).Truncate(time.Millisecond) != want {
				t.Errorf("%s: %s after %v", effect, got, time.Since(began))
			}
		})
	}
}
