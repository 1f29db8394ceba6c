package wire

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"gauntlet/proxies/fault"
)

// firedOn sends n exchanges, each on a connection of its own, and lists the
// connections on which the only fault has fired.
func firedOn(t *testing.T, line string, requests ...string) []int {
	t.Helper()
	o := options(t, nil, line)
	o.Effects = map[string]func(fault.Injection){"close": func(s fault.Injection) { s.(*injection).onMessage.acted() }}
	tap := New(o)
	for i, request := range requests {
		c, _ := tap.wrap(&scripted{reads: []string{request}}, attempt{id: i + 1})
		_, _ = io.ReadFull(c, make([]byte, len(request)))
		_, _ = io.WriteString(c, answer)
	}
	return tap.Fired()[line]
}

func polls(n int) (out []string) {
	for range n {
		out = append(out, request)
	}
	return out
}

func TestWhichExchangesAreStruck(t *testing.T) {
	mixed := []string{request, "GET /SB/poll HTTP/1.1\r\n\r\n", "GET /NS/open HTTP/1.1\r\n\r\n",
		"POST /SB/poll HTTP/1.1\r\nContent-Length: 3\r\n\r\nOUT", request, "GET /SB/poll HTTP/1.1\r\n\r\n"}
	for _, c := range []struct {
		fault    string
		requests []string
		want     []int
	}{
		{"hop 0: on poll 2, answer: close", polls(5), []int{2}},
		{"hop 0: on poll 2, answer: close, 2 times", polls(5), []int{2, 3}},
		{"hop 0: on poll 2, answer: close, every 2nd", polls(6), []int{2, 4, 6}},
		{"hop 0: on SB poll 2, answer: close", mixed, []int{4}},
		{"hop 0: on poll 5, answer: close", mixed, []int{6}},
		{"hop 0: on request 3, head: close", mixed, []int{3}},
		{"hop 0: on open 1, request byte 7: close", mixed, []int{3}},
		{"hop 0: on MSG 2, forward: close", mixed, []int{5}},
		{"hop 0: on SB OUT 1, response byte 5: close", mixed, []int{4}},
		{"hop 0: on SB MSG 1, answer: close", mixed, nil},
		{"hop 1: on poll 1, answer: close", polls(2), nil},
		{"hop 0: on poll 1, answer: close, until 1ns", polls(2), nil},
		{"hop 0: on poll 1, answer: close, until 1h", polls(2), []int{1, 2}},
	} {
		if got := firedOn(t, c.fault, c.requests...); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s fired on %v, want %v", c.fault, got, c.want)
		}
	}
}

// What one request says is not what the next on its connection does, also where nobody
// observes and nothing of it is kept.
func TestEachRequestSaysItsOwn(t *testing.T) {
	const line = "hop 0: on OUT 1, answer: add header A b"
	edited := strings.Replace(answer, "\r\n\r\n", "\r\nA: b\r\n\r\n", 1)
	if _, toPeer, _ := relay(t, options(t, nil, line), &log{}, 500, request, answer, strings.Replace(request, "MSG 1", "OUT 2", 1), answer); toPeer != answer+edited {
		t.Errorf("the peer got %q", toPeer)
	}
}

func TestChanceIsTheSeeds(t *testing.T) {
	const fault = "hop 0: on poll 1, answer: close, with p=0.3"
	first, again := firedOn(t, fault, polls(50)...), firedOn(t, fault, polls(50)...)
	if fmt.Sprint(first) != fmt.Sprint(again) || len(first) < 5 || len(first) > 25 {
		t.Errorf("fired on %v, then on %v", first, again)
	}
}

// Several landmarks in one exchange are struck in order, whatever the pieces.
func TestLandmarksAreStruckInOrder(t *testing.T) {
	var faults []string
	for _, at := range landmarks() {
		faults = append(faults, "hop 0: on poll 1, "+at.landmark+": close")
	}
	faults = faults[:len(faults)-1] // without the idle one, which takes time
	for n := 1; n < 60; n++ {
		l := &log{}
		var order []string
		o := options(t, l, faults...)
		o.Effects = map[string]func(fault.Injection){"close": func(s fault.Injection) {
			order = append(order, s.(*injection).onMessage.hit.Text)
			s.(*injection).onMessage.acted()
		}}
		toBox, toPeer, _ := relay(t, o, l, n, request, answer)
		if !reflect.DeepEqual(order, faults) || toBox != request || toPeer != answer {
			t.Fatalf("pieces of %d: struck %q; box %q, peer %q", n, order, toBox, toPeer)
		}
	}
}
