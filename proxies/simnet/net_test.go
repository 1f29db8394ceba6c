package simnet_test

import (
	"context"
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

func TestWhoIsReached(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{})
		defer n.Close()
		server := n.Host(serverIP, "gateway.messenger.hotmail.com")
		n.Name("Proxy", serverIP)
		listen(t, server, ":80")
		listen(t, n.Host(clientIP), "127.0.0.1:8080")
		for address, want := range map[string]string{
			"10.0.0.2:80": "10.0.0.2:80", "gateway.messenger.hotmail.com:80": "10.0.0.2:80",
			"GATEWAY.Messenger.Hotmail.com.:80": "10.0.0.2:80", "proxy:80": "10.0.0.2:80",
			"[::ffff:10.0.0.2]:80": "10.0.0.2:80", "localhost:8080": "10.0.0.1:8080",
			"127.0.0.1:8080": "10.0.0.1:8080", ":8080": "10.0.0.1:8080",
		} {
			c, err := dial(n.Host(clientIP), address)
			if err != nil || c.RemoteAddr().String() != want {
				t.Errorf("%s: got %v, %v; want %s", address, c, err, want)
			}
		}
	})
}

func TestFailedDials(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{})
		defer n.Close()
		n.Host(serverIP, "server")
		for _, address := range []string{"server:80", serverIP + ":80", "10.9.9.9:80", "localhost:1"} {
			_, err := dial(n.Host(clientIP), address)
			wantError(t, address, err, syscall.ECONNREFUSED)
		}
		var notFound *net.DNSError
		if _, err := dial(n.Host(clientIP), "nobody.example:80"); !errors.As(err, &notFound) || !notFound.IsNotFound {
			t.Errorf("unknown name: got %v", err)
		}
		for _, address := range []string{"server", "server:http", "server:65536"} {
			var bad *net.AddrError
			if _, err := dial(n.Host(clientIP), address); !errors.As(err, &bad) {
				t.Errorf("%s: got %v, want an address error", address, err)
			}
		}
	})
}

func TestOnlyTCPIsDialled(t *testing.T) {
	n := simnet.New(simnet.Options{})
	defer n.Close()
	h := n.Host(clientIP)
	var unknown net.UnknownNetworkError
	if _, err := h.DialContext(t.Context(), "udp", serverIP+":53"); !errors.As(err, &unknown) {
		t.Errorf("got %v, want an unknown network", err)
	}
	if n.Host(clientIP) != h || h.IP() != clientIP {
		t.Errorf("the host is another one the second time, or has the IP %s", h.IP())
	}
}

func TestListening(t *testing.T) {
	n := simnet.New(simnet.Options{})
	defer n.Close()
	h := n.Host(serverIP, "server")
	n.Host(clientIP, "client")
	for address, want := range map[string]string{
		":80": "10.0.0.2:80", "0.0.0.0:81": "10.0.0.2:81", "10.0.0.2:82": "10.0.0.2:82",
		"server:83": "10.0.0.2:83", "127.0.0.1:84": "10.0.0.2:84",
	} {
		if got := listen(t, h, address).Addr().String(); got != want {
			t.Errorf("%s: bound %s, want %s", address, got, want)
		}
	}
	_, err := h.Listen("client:80")
	wantError(t, "another host's name", err, syscall.EADDRNOTAVAIL)
	_, err = n.Host("not an address").Listen(":80")
	if err == nil {
		t.Error("a host without an address listens")
	}
}

func TestPortsAreTakenAndFreed(t *testing.T) {
	n := simnet.New(simnet.Options{})
	defer n.Close()
	h := n.Host(serverIP)
	l := listen(t, h, ":80")
	_, err := h.Listen("0.0.0.0:80")
	wantError(t, "taken port", err, syscall.EADDRINUSE)
	if !strings.Contains(fmt.Sprint(err), "10.0.0.2:80") {
		t.Errorf("%v does not name the address", err)
	}
	l.Close()
	wantError(t, "second Close", l.Close(), net.ErrClosed)
	_, err = l.Accept()
	wantError(t, "Accept", err, net.ErrClosed)
	listen(t, h, ":80")
	listen(t, h, ":49153")
	for _, want := range []string{"10.0.0.2:49152", "10.0.0.2:49154"} {
		if got := listen(t, h, ":0").Addr().String(); got != want {
			t.Errorf("port 0 bound %s, want %s", got, want)
		}
	}
}

func TestGateRefuses(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{})
		defer n.Close()
		l := listen(t, n.Host(serverIP, "server"), ":80")
		asked, verdict := "", error(syscall.ECONNREFUSED)
		l.SetGate(func(from, to string) error {
			asked = from + " " + to
			return verdict
		})
		_, err := dial(n.Host(clientIP), "server:80")
		wantError(t, "dial", err, syscall.ECONNREFUSED)
		if asked != "10.0.0.1:32768 10.0.0.2:80" {
			t.Errorf("the gate was asked about %s", asked)
		}
		verdict = nil
		c, err := dial(n.Host(clientIP), "server:80")
		if s, _ := l.Accept(); err != nil || s.RemoteAddr().String() != c.LocalAddr().String() {
			t.Errorf("accepted %v instead of %v, %v", s.RemoteAddr(), c, err)
		}
	})
}

// A SYN that is lost is sent again as Linux does it, and given up after 127 s.
func TestGateKeepsSilent(t *testing.T) {
	for open, want := range map[time.Duration]time.Duration{0: 0, 5 * time.Second: 7 * time.Second, time.Hour: 127 * time.Second} {
		bubble(t, func(t *testing.T) {
			n := simnet.New(simnet.Options{})
			defer n.Close()
			began, asked := time.Now(), map[string]int{}
			listen(t, n.Host(serverIP, "server"), ":80").SetGate(func(from, _ string) error {
				asked[from]++
				if time.Since(began) < open {
					return syscall.ETIMEDOUT
				}
				return nil
			})
			_, err := dial(n.Host(clientIP), "server:80")
			if took := time.Since(began).Truncate(time.Second); took != want || errors.Is(err, syscall.ETIMEDOUT) != (open == time.Hour) || len(asked) != 1 {
				t.Errorf("open after %v: %v after %v, asked for %v", open, err, took, asked)
			}
		})
	}
}

func TestASilentGateIsLeftInTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{})
		defer n.Close()
		listen(t, n.Host(serverIP, "server"), ":80").SetGate(func(string, string) error { return syscall.ETIMEDOUT })
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if _, err := n.Host(clientIP).DialContext(ctx, "tcp", "server:80"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}

func TestEveryDialIsHeard(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var heard []simnet.Dial
		n := simnet.New(simnet.Options{OnDial: func(d simnet.Dial) { heard = append(heard, d) }})
		defer n.Close()
		listen(t, n.Host(serverIP, "server"), ":80")
		began := time.Now()
		for _, address := range []string{"server:80", "server:1863", "nobody:80"} {
			dial(n.Host(clientIP), address)
		}
		if len(heard) != 3 || heard[0].Err != nil {
			t.Fatalf("heard %v", heard)
		}
		wantError(t, "second dial", heard[1].Err, syscall.ECONNREFUSED)
		if d := heard[1]; d.From != clientIP || d.Address != "server:1863" || d.At.Sub(began) != 2*time.Millisecond {
			t.Errorf("heard %+v", d)
		}
	})
}

func TestClosingAListenerResetsWhatWasNotAccepted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{})
		defer n.Close()
		l := listen(t, n.Host(serverIP), ":80")
		c, _ := dial(n.Host(clientIP), serverIP+":80")
		l.Close()
		wantReadError(t, c, syscall.ECONNRESET)
		_, err := dial(n.Host(clientIP), serverIP+":80")
		wantError(t, "dial", err, syscall.ECONNREFUSED)
	})
}

// Everything that can block is blocked when the network ends; the bubble would
// panic if anything stayed so.
func TestClosingTheNetworkFreesAll(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{Latency: time.Hour})
		l := listen(t, n.Host(serverIP), ":80")
		c, _ := dial(n.Host(clientIP), serverIP+":80")
		s, _ := l.Accept()
		errs := make(chan error, 5)
		go func() { _, err := c.Read(make([]byte, 1)); errs <- err }()
		go func() { _, err := s.Read(make([]byte, 1)); errs <- err }()
		go func() { _, err := c.Write(make([]byte, 1<<20)); errs <- err }()
		go func() { _, err := l.Accept(); errs <- err }()
		go func() { _, err := dial(n.Host(clientIP), serverIP+":80"); errs <- err }()
		synctest.Wait()
		n.Close()
		synctest.Wait()
		for range cap(errs) {
			select {
			case err := <-errs:
				if err == nil || err == io.EOF {
					t.Errorf("got %v", err)
				}
			default:
				t.Fatal("somebody is still blocked")
			}
		}
		_, err := n.Host(serverIP).Listen(":81")
		wantError(t, "Listen", err, net.ErrClosed)
		wantError(t, "second Close", n.Close(), nil)
	})
}
