package rig

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/simnet"
	"gauntlet/proxies/wire"
)

func TestWhatAClientIsToldOfABox(t *testing.T) {
	for spec, want := range map[string]proxies.Route{
		"forward port 8080":       {Kind: proxies.HTTPProxy},
		"connect":                 {Kind: proxies.ConnectProxy},
		"socks4":                  {Kind: proxies.Socks4Proxy},
		"socks4a":                 {Kind: proxies.Socks4aProxy},
		"socks5":                  {Kind: proxies.Socks5Proxy},
		"intercept":               {},
		"forward basic me:secret": {Kind: proxies.HTTPProxy, User: "me", Password: "secret"},
		"socks5 login me:you":     {Kind: proxies.Socks5Proxy, User: "me", Password: "you"},
		"socks4 login me":         {Kind: proxies.Socks4Proxy, User: "me"},
	} {
		box, err := proxies.ParseSpec(spec)
		if err != nil {
			t.Fatal(err)
		}
		want.Proxy = "10.1.1.1:8080"
		if got := routeTo(box, want.Proxy); got != want {
			t.Errorf("%s: %+v, want %+v", spec, got, want)
		}
	}
}

func TestWhoseTrafficIsRecorded(t *testing.T) {
	alone, crowded := cut(), cut()
	crowded.Clients = 3
	hop := func(kind wire.Kind, hop, conn int, peer string) wire.Event {
		return wire.Event{Kind: kind, Hop: hop, Conn: conn, Peer: peer}
	}
	var u userTraffic
	for _, test := range []struct {
		name string
		c    catalogue.Case
		e    wire.Event
		want bool
	}{
		{"all of a client that is alone", alone, hop(wire.Accepted, 1, 1, extraHost(0)+":1"), true},
		{"the user's", crowded, hop(wire.Accepted, 0, 1, userHost+":1"), true},
		{"not another's", crowded, hop(wire.Accepted, 0, 2, extraHost(0)+":1"), false},
		{"nor what it says later", crowded, hop(wire.RequestBegan, 0, 2, ""), false},
		{"nor when it is turned away", crowded, hop(wire.Refused, 0, 3, extraHost(1)+":1"), false},
		{"the user still", crowded, hop(wire.RequestBegan, 0, 1, ""), true},
		{"nothing behind the first box", crowded, hop(wire.RequestBegan, 1, 1, ""), false},
		{"but what faults do", crowded, hop(wire.Fired, 1, 1, ""), true},
		{"to whomever", crowded, hop(wire.Fired, 0, 2, ""), true},
	} {
		if got := u.atHop(test.e, test.c); got != test.want {
			t.Errorf("at a hop, %s: %v", test.name, got)
		}
	}
	for _, test := range []struct {
		kind history.Kind
		user string
		want bool
	}{
		{history.SignedIn, UserEmail, true}, {history.SignedIn, "", true}, {history.SignedIn, extraEmail(7), false}, {history.SessionIdentified, extraEmail(7), true},
	} {
		if got := u.atServer(history.Event{Kind: test.kind, User: test.user}); got != test.want {
			t.Errorf("at a server, %s of %q: %v", test.kind, test.user, got)
		}
	}
	if got := len(extraEmails(crowded)); got != 2 || len(extraEmails(alone)) != 0 {
		t.Errorf("%d accounts beside the user's", got)
	}
}

func TestStepsOfExtraClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		does := func(err error) adapter.Client {
			return oddClient{do: func(context.Context, adapter.Task) error { return err }}
		}
		stuck := oddClient{do: func(context.Context, adapter.Task) error { time.Sleep(time.Hour); return nil }, close: func() { time.Sleep(time.Hour) }}
		for _, test := range []struct {
			name    string
			clients []adapter.Client
			step    workload.Step
			want    string
		}{
			{"all sign in", []adapter.Client{does(nil), does(nil)}, workload.Step{Verb: workload.SignIn}, ""},
			{"one does not", []adapter.Client{does(nil), does(errors.New("no")), does(nil)}, workload.Step{Verb: workload.SignIn}, "1 of 3 others that go the same way failed, one with: no"},
			{"one does not return", []adapter.Client{does(nil), stuck}, workload.Step{Verb: workload.SignOut}, "1 of 2 others that go the same way failed, one with: too long"},
			{"nobody chats", []adapter.Client{does(errors.New("no"))}, workload.Step{Verb: workload.Send, Count: 1}, ""},
		} {
			x := &extraClients{env: tested(nil, nil).env, clients: test.clients}
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("too long"))
			err := x.do(ctx, test.step)()
			cancel()
			if (err == nil) != (test.want == "") || err != nil && err.Error() != test.want {
				t.Errorf("%s: %v, want %q", test.name, err, test.want)
			}
			x.close()
			ends := !slices.ContainsFunc(x.recorder.Events(), func(e history.Event) bool { return e.Kind == history.StepFailed })
			if ends == strings.Contains(test.want, "too long") {
				t.Errorf("%s: ends %v", test.name, ends)
			}
		}
		time.Sleep(2 * time.Hour) // until the last has ended
	})
}

func TestSplitListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{})
		l, err := n.Host("10.0.0.1").Listen(":80")
		if err != nil {
			t.Fatal(err)
		}
		users, contacts, accept := splitListener(l, ofContact)
		go accept()
		for from, to := range map[string]net.Listener{userHost: users, contactHost: contacts, contactBoxHost(1): contacts, boxHost(0): users, "10.0.0.30": users} {
			conn, err := n.Host(from).DialContext(t.Context(), "tcp", "10.0.0.1:80")
			if err != nil {
				t.Fatal(err)
			}
			got, err := to.Accept()
			if err != nil || !strings.HasPrefix(got.RemoteAddr().String(), from+":") {
				t.Fatalf("from %s: %v, %v", from, got, err)
			}
			_, _ = conn.Close(), got.Close()
		}
		if err := contacts.Close(); err != nil {
			t.Error(err)
		}
		if _, err := users.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the other half stays open: %v", err)
		}
		if err := users.Close(); err != nil {
			t.Errorf("closed twice: %v", err)
		}
		_ = n.Close()
	})
}

// A box that is closed before it serves has not failed; one that ends otherwise has.
func TestWhatEndsWhileItServes(t *testing.T) {
	lost := errors.New("lost")
	for _, err := range []error{nil, net.ErrClosed, lost} {
		var e env
		e.serve(nil, "relay", func(net.Listener) error { return err })
		e.serving.Wait()
		if got := errors.Join(e.errs...); (got != nil) != errors.Is(err, lost) {
			t.Errorf("%v: %v", err, got)
		}
	}
}
