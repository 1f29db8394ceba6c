package fingerprint_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies"
	"gauntlet/proxies/fingerprint"
	"gauntlet/proxies/network"
	"gauntlet/proxies/simnet"
)

func parse(t *testing.T, text string) proxies.Spec {
	t.Helper()
	spec, err := proxies.ParseSpec(text)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

func simulate(t *testing.T, text string) (f fingerprint.Fingerprint) {
	t.Helper()
	spec := parse(t, text)
	synctest.Test(t, func(t *testing.T) {
		var err error
		if f, err = fingerprint.Simulate(spec); err != nil {
			t.Error(err)
		}
	})
	return f
}

// Each of these boxes differs from the faithful one in these traits and no
// others: the suite sees what it should, and nothing that is not there.
func TestTheSuiteSeesQuirks(t *testing.T) {
	faithful := simulate(t, "forward")
	for text, want := range map[string][]string{
		"forward":                             {},
		"forward lower-case-names":            {"request names: lower case", "answer names: lower case"},
		"forward loses-pipelined":             {"pipelining: second lost"},
		"forward pool-bound":                  {"upstream connections: bound to a client connection"},
		"forward fresh-upstream":              {"upstream connections: one for each request", "idle upstream connection: closed at once"},
		"forward cancels":                     {"client leaves in flight: cancelled upstream"},
		"forward on-continue passes":          {"stray 100 Continue: passed on"},
		"forward on-continue stalls":          {"stray 100 Continue: nothing"},
		"forward refused-status 503":          {"origin refuses: 503"},
		"forward basic a:b":                   {"credentials: asked for", "request fields removed: connection proxy-authorization proxy-connection"},
		"forward heeds-proxy-connection":      {"HTTP/1.0, Proxy-Connection: keep-alive: kept, HTTP/1.0"},
		"forward closes-old":                  {"HTTP/1.0, Connection: keep-alive: closed, HTTP/1.0"},
		"forward client-idle 30s":             {"idle client connection: closed after 30s"},
		"forward upstream-idle 15s announced": {"request fields added: keep-alive", "idle upstream connection: closed after 15s"},
		"forward retries empty": {"dropped before the answer, FIN, reused, empty POST: 200, delivered twice",
			"dropped before the answer, RST, reused, empty POST: 200, delivered twice"},
		"forward caches 1m ignoring-query": {"upstream connections: [1]", "the same POST again: answered by the box", "same path, other query: answered by the box"},
		"forward takes-origin-form":        {"origin-form: 200"},
	} {
		t.Run(text, func(t *testing.T) {
			got := []string{}
			for _, d := range faithful.Differences(simulate(t, text)) {
				got = append(got, d.Name+": "+d.Got)
			}
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestTheSuiteSeesDoubling(t *testing.T) {
	doubling := simulate(t, "forward doubles")
	for name, want := range map[string]string{
		"one POST": "delivered twice", "the same POST again": "delivered 4 times", "dropped each time, POST with body": "502, delivered twice",
	} {
		if got, _ := doubling.Value(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestEveryKindOfBoxHasAFingerprint(t *testing.T) {
	for _, text := range []string{"forward doubles", "connect basic a:b", "socks4", "socks4a login me", "socks5 login a:b", "relay", "portal", "tls", "intercept", "intercept by original destination"} {
		if first, second := simulate(t, text), simulate(t, text); len(first) == 0 || first.String() != second.String() {
			t.Errorf("%s: %v", text, first.Differences(second))
		}
	}
}

// Real sockets give the same fingerprint as virtual time, idle times apart,
// for which nobody waits here.
func TestRealSocketsAgreeWithVirtualTime(t *testing.T) {
	for _, text := range []string{"forward", "forward via x cuts reused pool-bound lower-case-names"} {
		want := simulate(t, text)
		t.Run(text, func(t *testing.T) {
			t.Parallel() // they mostly wait
			for _, d := range want.Differences(onSockets(t, text)) {
				if !strings.HasPrefix(d.Name, "idle ") {
					t.Error(d)
				}
			}
		})
	}
}

// onSockets takes the fingerprint of a box on the loopback interface.
func onSockets(t *testing.T, text string) fingerprint.Fingerprint {
	t.Helper()
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	origin := first.Addr().String()
	n := &network.Loopback{Routes: map[string]string{"gw.example:80": origin}}
	box, err := proxies.New(parse(t, text), proxies.Options{Network: n})
	if err != nil {
		t.Fatal(err)
	}
	l, err := n.Listen(":0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- box.Serve(l) }()
	f, err := fingerprint.Take(t.Context(), fingerprint.Setup{
		Network: n, Box: l.Addr().String(), Host: "gw.example", Patience: 2 * time.Second, // Settle is that for real sockets: on a busy machine less is too short
		Listen: func() (net.Listener, error) {
			if l := first; l != nil {
				first = nil
				return l, nil
			}
			return n.Listen(origin)
		},
	})
	if err != nil {
		t.Error(err)
	}
	if err := box.Close(); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	return f
}

func TestASetupIsNeeded(t *testing.T) {
	if _, err := fingerprint.Take(t.Context(), fingerprint.Setup{}); err == nil {
		t.Error("no error without a set-up")
	}
}

// The suite leaves the origin's address, and somebody else takes it meanwhile.
func TestAnAddressThatIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{})
		box, user, server := n.Host("10.0.0.5"), n.Host("10.0.0.1"), n.Host("10.0.0.9", "gw.example")
		if _, err := box.Listen(":3128"); err != nil {
			t.Fatal(err)
		}
		taken, times := errors.New("taken"), 0
		_, err := fingerprint.Take(t.Context(), fingerprint.Setup{
			Network: user, Box: "10.0.0.5:3128", Host: "gw.example",
			Listen: func() (net.Listener, error) {
				if times++; times > 1 {
					return nil, taken
				}
				return server.Listen(":80")
			},
		})
		if !errors.Is(err, taken) {
			t.Error(err)
		}
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
}

// The box is one that takes every connection and never says anything: each of the
// suite's waits would last.
func TestASuiteIsInterrupted(t *testing.T) {
	for _, at := range []time.Duration{100 * time.Millisecond, 10 * time.Second, 3 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			n := simnet.New(simnet.Options{})
			box, user, server := n.Host("10.0.0.5"), n.Host("10.0.0.1"), n.Host("10.0.0.9", "gw.example")
			if _, err := box.Listen(":3128"); err != nil {
				t.Fatal(err)
			}
			enough := errors.New("enough")
			ctx, cancel := context.WithTimeoutCause(t.Context(), at, enough)
			defer cancel()
			began := time.Now()
			f, err := fingerprint.Take(ctx, fingerprint.Setup{
				Network: user, Box: "10.0.0.5:3128", Host: "gw.example", Settle: time.Second, Idle: time.Hour,
				Listen: func() (net.Listener, error) { return server.Listen(":80") },
			})
			if took := time.Since(began); took != at || f != nil || !errors.Is(err, enough) {
				t.Errorf("interrupted after %s: it took %s; %v, %v", at, took, f, err)
			}
			if err := n.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFormats(t *testing.T) {
	f := fingerprint.Fingerprint{{Name: "a", Value: "1"}, {Name: "longer", Value: "2"}}
	text, err := json.Marshal(f)
	if err != nil || string(text) != `[{"trait":"a","value":"1"},{"trait":"longer","value":"2"}]` || f.String() != "a       1\nlonger  2\n" {
		t.Errorf("%s %q %v", text, f, err)
	}
	if d := f.Differences(f[:1]); len(d) != 1 || d[0].String() != `longer: want "2", got ""` {
		t.Error(d)
	}
	if text, _ := json.Marshal(fingerprint.Fingerprint(nil)); string(text) != "[]" {
		t.Errorf("%s", text)
	}
}
