package gateway

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/msn/msnhttp"
)

func TestLayouts(t *testing.T) {
	open, last := msnhttp.SessionHeader{SessionID: "1", GatewayIP: "h"}, msnhttp.SessionHeader{SessionID: "1", GatewayIP: "h", Close: true}
	for style, want := range map[HeaderStyle][2]string{
		HeaderStandard:  {"SessionID=1; GW-IP=h", "SessionID=1; GW-IP=h; Session=close"},
		HeaderReordered: {"GW-IP=h; SessionID=1", "Session=close; GW-IP=h; SessionID=1"},
		HeaderTight:     {"SessionID=1;GW-IP=h", "SessionID=1;GW-IP=h;Session=close"},
		HeaderBare:      {"SessionID=1; GW-IP=h", "SessionID=1; Session=close"},
		HeaderWide:      {"SessionID = 1 ;  GW-IP = h", "SessionID = 1 ;  GW-IP = h ;  Session = close"},
	} {
		if got := [2]string{layout(open, style, 1), layout(last, style, 2)}; got != want {
			t.Errorf("%s: %q, want %q", style, got, want)
		}
	}
	var varied []string
	for seq := range uint64(8) {
		varied = append(varied, layout(open, HeaderVaried, seq))
	}
	if slices.Sort(varied); len(slices.Compact(varied)) != 4 {
		t.Errorf("varied in %d ways", len(slices.Compact(varied)))
	}
}

func TestGatewayAddresses(t *testing.T) {
	for _, c := range []struct {
		dialect Dialect
		ip      string
		want    string // of five answers
	}{
		{Dialect{}, "x", strings.Repeat(DefaultHost+" ", 5)},
		{Dialect{Addresses: []string{"a", "b"}}, "x", "a a a a a "},
		{Dialect{Addresses: []string{"a", "b"}, GatewayIP: GatewayName}, "x", strings.Repeat(DefaultHost+" ", 5)},
		{Dialect{Addresses: []string{"a", "b"}, GatewayIP: GatewayEcho}, "x:1", "x:1 x:1 x:1 x:1 x:1 "},
		{Dialect{Addresses: []string{"a", "b"}, GatewayIP: GatewayEcho}, "", "a a a a a "},
		{Dialect{Addresses: []string{"a", "b", "c"}, GatewayIP: GatewayMoving}, "x", "a b c a b "},
		{Dialect{Addresses: []string{"a", "b"}, GatewayIP: GatewayMoving, MoveEvery: 2}, "x", "a a b b a "},
	} {
		table, got := newTable(c.dialect, Limits{}, 1), ""
		for seq := uint64(1); seq <= 5; seq++ {
			got += table.gatewayIP(&session{ip: c.ip}, seq) + " "
		}
		if got != c.want {
			t.Errorf("%+v: %q, want %q", c.dialect, got, c.want)
		}
	}
}

// An id looks like what it is said to: the probe and its users know it by that.
func TestShapes(t *testing.T) {
	for shape, want := range map[IDShape]string{
		Dotted: "dddddddddd.dddddddd", NoDot: "dddddddddddddddddd", Hex: "xxxxxxxxxxxxxx",
		UUID: "xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx", Unreserved: "dddddddddd-_~.gWdddddddd", Dots: ".dddddddddd..dddddddd.", Reserved: "dddddddddd&x=dddddddd+%/?#[]",
	} {
		id := shapes(shape).write(1<<30-1, 1<<24-1)
		low := shapes(shape).write(0, 0)
		if len(id) != len(want) || !slices.EqualFunc([]byte(id), []byte(want), func(c, w byte) bool {
			switch w {
			case 'd':
				return c >= '0' && c <= '9'
			case 'x':
				return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || shape == Reserved && c == 'x'
			}
			return c == w
		}) {
			t.Errorf("%s: %q is not like %q", shape, id, want)
		}
		for text, numbers := range map[string][2]uint64{id: {1<<30 - 1, 1<<24 - 1}, low: {0, 0}} {
			if major, minor := shapes(shape).read(text); major != numbers[0] || minor != numbers[1] {
				t.Errorf("%s: %q reads as %d, %d", shape, text, major, minor)
			}
		}
	}
	if id := shapes(Long).write(7, 8); len(id) != 2000 || !strings.HasPrefix(id, "100000007.") || !strings.HasSuffix(id, "00000008") {
		t.Errorf("long: %d characters, %.20q", len(id), id)
	}
}

// Ids that are nearly one.
func TestNoIDs(t *testing.T) {
	for _, shape := range []IDShape{Dotted, NoDot, Hex, UUID, Long, Unreserved, Dots, Reserved} {
		d := newDesk(t, "documented", func(d *Dialect) { d.IDShape = shape })
		d.open("")
		id := d.issuer.id(1, 1)
		for _, bad := range []string{"", "x", id[:1], id[:len(id)/2], id + id, id + "x", "x" + id, d.issuer.id(1, 0), d.issuer.id(1, 2), d.issuer.id(2, 1), d.issuer.id(0, 1)} {
			if s, number, _ := d.find(bad); s != nil || number == 1 {
				t.Errorf("%s: %.40q is found", shape, bad)
			}
		}
	}
}

// What the manual says of a knob can be taken at its word.
func TestManual(t *testing.T) {
	all := Manual()
	if len(all) != len(Knobs()) {
		t.Fatalf("%d of %d knobs", len(all), len(Knobs()))
	}
	for i, k := range all {
		if _, err := (Dialect{}).With(k.Name, k.Example); err != nil || k.Name != Knobs()[i] || k.Takes == "" || k.Doc == "" || k.Example == "" {
			t.Errorf("%+v: %v", k, err)
		}
		words := knobs()[k.Name].words
		if words != nil && (k.Takes != strings.Join(words, " | ") || k.Example == words[0]) {
			t.Errorf("%+v: its example is its default", k)
		}
	}
}

func TestKnobsWords(t *testing.T) {
	for name, want := range map[string]string{
		"id": "dotted nodot hex uuid long unreserved dots reserved", "id-change": "last first never", "valid": "unacknowledged newest any",
		"repeat": "replay execute reject", "overlap": "reject allow", "gw-ip": "fixed moving name echo", "png": "refuse pass",
		"split": "whole anywhere", "closing": "alone body never", "out": "close plain",
		"header": "standard reordered tight wide varied bare", "long-poll": "ignore honour", "binding": "none connection address", "machines": "one apart separate", "time-out": "untold told", "port-1863": "refused dropped open", "family": "ipv4 ipv6", "front": "plain tls tls-by-name tls-untrusted tls-another-name tls-expired",
	} {
		if got := strings.Join(knobs()[name].words, " "); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		for _, word := range strings.Fields(want) {
			d, err := Dialect{}.With(name, word)
			if got, is := d.Value(name); err != nil || !is || got != word {
				t.Errorf("%s=%s: %q %v", name, word, got, err)
			}
		}
		if _, err := (Dialect{}).With(name, "x"); err == nil || !strings.Contains(err.Error(), "there are "+strings.Fields(want)[0]) {
			t.Errorf("%s=x: %v", name, err)
		}
		if got, _ := (Dialect{}).Value(name); got != strings.Fields(want)[0] {
			t.Errorf("%s is %s by default", name, got)
		}
	}
	for _, c := range []struct {
		knob, value string
		good        bool
	}{
		{"think", "50ms", true}, {"think", "0s", true}, {"think", "-1s", false}, {"think", "x", false}, {"settle", "1s", true}, {"idle", "1m", true},
		{"addresses", "a b", true}, {"move-every", "1", true}, {"move-every", "0", false}, {"move-every", "x", false}, {"x", "y", false},
	} {
		before := Dialect{Name: "n"}
		d, err := before.With(c.knob, c.value)
		if (err == nil) != c.good || !c.good && fmt.Sprint(d) != fmt.Sprint(before) || c.good && c.value != "0s" && fmt.Sprint(d) == fmt.Sprint(before) {
			t.Errorf("%s=%s: %+v %v", c.knob, c.value, d, err)
		}
		if _, is := d.Value(c.knob); is {
			t.Errorf("%s has a word", c.knob)
		}
	}
	if err := (Dialect{Name: "n", PNG: "x"}).Check(); err == nil || !strings.Contains(err.Error(), `dialect "n": png: no value "x"`) {
		t.Error(err)
	}
	for name, d := range Dialects() {
		if err := d.Check(); err != nil || d.Name != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDefaults(t *testing.T) {
	want := Limits{
		Sessions: 10_000, Body: 256 << 10, Queued: 1 << 20, Unacknowledged: 1000, Remembered: 65_536, Hold: 2 * time.Minute,
		Head: 30 * time.Second, BodyTime: 30 * time.Second, Dial: 10 * time.Second, Write: 10 * time.Second, Silence: 5 * time.Minute,
	}
	if got := (Limits{}).normal(); got != want {
		t.Errorf("%+v", got)
	}
	given := Limits{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	if got := given.normal(); got != given {
		t.Errorf("%+v", got)
	}
	if d := (Dialect{MoveEvery: -1, Idle: -1}).normal(); d.Idle != DefaultIdle || d.MoveEvery != 1 || !slices.Equal(d.Addresses, []string{DefaultHost}) {
		t.Errorf("%+v", d)
	}
}
