package oracle

import (
	"testing"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
)

// A short text is looked for where a message ends, on a line of its own, and a long one
// wherever it stands; neither across two requests.
func TestTextsInBodies(t *testing.T) {
	var requests []*trace.Request
	for _, body := range []string{"MSG 1 A 3\r\n\r\none", "", "a long text\r\nand more", "a long text", "x\none"} {
		requests = append(requests, &trace.Request{Exchange: &history.Exchange{Body: []byte(body)}})
	}
	all := bodiesOf(requests)
	for text, want := range map[string]struct {
		first int // that carries it; -1: none
		held  bool
	}{
		"one": {0, true}, "ne": {-1, true}, "x": {-1, true}, "3": {-1, true}, "two": {-1, false}, "": {-1, true},
		"a long text": {2, true}, "long text": {2, true}, "and more": {2, true}, "no such text": {-1, false},
		"one" + "a long": {-1, false}, "MSG 1 A 3": {0, true}, "more" + "a long text": {-1, false},
	} {
		for range 2 { // the second time it is known
			var first *trace.Request
			if want.first >= 0 {
				first = requests[want.first]
			}
			if got := all.firstWith(text); got != first {
				t.Errorf("%q is first in %v, want request %d", text, got, want.first)
			}
			if text != "" && all.contain(text) != want.held {
				t.Errorf("that %q stands in one of them is %t", text, !want.held)
			}
		}
	}
}
