package proxies

import (
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/simnet"
	"gauntlet/proxies/wire"
)

// A box behind a disturbed listener: the fault strikes the client, the box
// goes on, and the gateway gets each request once.
func TestBoxesBehindFaults(t *testing.T) {
	for line, want := range map[string]struct {
		err      error
		requests int
	}{
		"hop 0: on request 3, forward: reset":           {syscall.ECONNRESET, 2},
		"hop 0: on request 3, answer: reset":            {syscall.ECONNRESET, 3},
		"hop 0: on request 3, answer: close":            {io.EOF, 3},
		"hop 0: on request 3, response byte 20: close":  {io.EOF, 3},
		"hop 0: on request 3, response byte 100: reset": {syscall.ECONNRESET, 3},
	} {
		for _, spec := range []string{"forward", "intercept", "intercept by original destination", "relay"} {
			t.Run(spec+"/"+line, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { disturbed(t, spec, line, want.err, want.requests) })
			})
		}
	}
}

func disturbed(t *testing.T, spec, line string, wanted error, requests int) {
	n, o := city(t, odd)
	f, err := fault.Parse(line, fault.Vocabulary{})
	if err != nil {
		t.Fatal(err)
	}
	tap := wire.New(wire.Options{Faults: fault.NewSchedule([]fault.Fault{f}, 1)})
	defer tap.Close()
	defer runOn(t, n, spec, ":3128", tap.Listen)()
	to, target := "10.0.0.5:3128", "http://gw.example/x"
	if spec != "forward" {
		n.Redirect(simnet.Redirect{From: "10.0.0.1", Port: 80, To: to})
		to, target = gateway, "/x"
	}
	host := n.Host("10.0.0.1")
	p := dial(t, host, to)
	for range 2 {
		if got := p.ask(post(target, "abc", "Host: gw.example")); got.body != "hello" {
			t.Fatalf("before: %q %v", got.head, got.err)
		}
	}
	got := p.ask(post(target, "abc", "Host: gw.example"))
	if cut := wanted == io.EOF && errors.Is(got.err, io.ErrUnexpectedEOF); !cut && !errors.Is(got.err, wanted) {
		t.Errorf("%q %q %v, want %v", got.head, got.body, got.err, wanted)
	}
	p.Close()
	time.Sleep(time.Second)
	if seen := len(o.requests()); seen != requests {
		t.Errorf("%d requests at the gateway, want %d", seen, requests)
	}
	again := dial(t, host, to)
	if got := again.ask(post(target, "abc", "Host: gw.example")); got.body != "hello" {
		t.Errorf("afterwards: %q %v", got.head, got.err)
	}
	again.Close()
}

func itself(l net.Listener) net.Listener { return l }
