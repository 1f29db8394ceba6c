package gateway

import (
	"bufio"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestOneAddressTakesNoMoreThanItMay opens sessions from several addresses: what
// one is refused the others get.
func TestOneAddressTakesNoMoreThanItMay(t *testing.T) {
	now := time.Now()
	table := newTable(Dialect{}, Limits{Sessions: 100, PerAddress: 3, Opens: 1, AtOnce: 5}, 1)
	open := func(from string) string {
		r := &request{action: "open", server: NS, from: from}
		if no := table.reserve(now, r); no != nil {
			return fmt.Sprint(no.status, " ", no.reason)
		}
		table.open(now, r)
		return "opened"
	}
	for i, want := range []string{"opened", "opened", "opened", "429 " + ReasonAddress} {
		if got := open("10.0.0.1"); got != want {
			t.Errorf("%d: %s, not %s", i, got, want)
		}
		if got := open(fmt.Sprintf("2001:db8:1:2::%x", i+1)); got != want {
			t.Errorf("%d, from another address of the same network: %s, not %s", i, got, want)
		}
	}
	if got := open("2001:db8:1:3::1"); got != "opened" {
		t.Errorf("another network: %s", got)
	}
	if got := open("10.0.0.2"); got != "opened" {
		t.Errorf("another address: %s", got)
	}
	table.endAll(now, EndedByGateway)
	for i, want := range []string{"opened", "opened", "429 " + ReasonHaste} {
		if got := open("10.0.0.1"); got != want {
			t.Errorf("when the first have ended, %d: %s, not %s", i, got, want)
		}
	}
	now = now.Add(time.Second)
	if got := open("10.0.0.1"); got != "opened" {
		t.Errorf("a second later: %s", got)
	}
}

// TestASessionThatNeverCameAboutIsNotCounted has the messenger out of reach.
func TestASessionThatNeverCameAboutIsNotCounted(t *testing.T) {
	table := newTable(Dialect{}, Limits{PerAddress: 1}, 1)
	for range 3 {
		r := &request{action: "open", server: NS, from: "10.0.0.1"}
		if no := table.reserve(time.Now(), r); no != nil {
			t.Fatal(no.reason)
		}
		table.abandon(r)
	}
}

func TestConnectionsOfAnAddress(t *testing.T) {
	table := newTable(Dialect{}, Limits{Connections: 2}, 1)
	v := &table.visitors
	for i, address := range []string{"10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2"} {
		if got, want := v.connect(address), i != 2; got != want {
			t.Errorf("connection %d, of %s: %v; two are allowed to each, and no more", i+1, address, got)
		}
	}
	v.disconnect("10.0.0.1")
	if !v.connect("10.0.0.1") {
		t.Error("the place of one that has gone is free")
	}
}

// TestVisitorsAreForgotten has many addresses come and go.
// Under IPv6 a network of 2^64 is one address; what is no address is one by itself.
func TestWhatCountsAsOneAddress(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "::ffff:192.0.2.1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::9": "2001:db8:1:2::/64",
		"fe80::1%eth0": "fe80::/64", "pipe": "pipe", "": "",
	} {
		if got := placeOf(address); got != want {
			t.Errorf("%s counts as %s, want %s", address, got, want)
		}
	}
}

// Whoever connects to the gateway's own server too often is not served, until one of his
// connections has ended.
func TestConnectionsToTheGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{}, func(o *Options) { o.Limits.Connections = 2 })
		defer st.close()
		first, second, third := st.client(), st.client(), st.client()
		roundTrip(t, second, bufio.NewReader(second), openRequest)
		if got, ended := readQuiet(third); got != "" || !ended {
			t.Errorf("the third is served %q, ended %t", got, ended)
		}
		if got := st.story(); strings.Count(got, ReasonConnections) != 1 {
			t.Error(got)
		}
		_ = first.Close()
		synctest.Wait()
		time.Sleep(time.Second)
		fourth := st.client()
		roundTrip(t, fourth, bufio.NewReader(fourth), openRequest)
		_, _, _ = second.Close(), third.Close(), fourth.Close()
	})
}

func TestVisitorsAreForgotten(t *testing.T) {
	table := newTable(Dialect{}, Limits{Connections: 2}, 1)
	v := &table.visitors
	for i := range 3 * mostVisitors {
		address := fmt.Sprint("10.", i)
		v.connect(address)
		v.disconnect(address)
	}
	if len(v.known) > mostVisitors {
		t.Errorf("%d are remembered", len(v.known))
	}
}
