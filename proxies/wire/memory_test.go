package wire

import (
	"testing"

	"gauntlet/proxies/fault"
)

// The newest answer of another connection is found behind however many of one's own.
func TestTheNewestOfAnotherConnection(t *testing.T) {
	tap := New(Options{Standing: true})
	for i, conn := range []int{1, 2, 3, 3, 3} {
		tap.remember("poll", given{conn, fault.Answer{Head: []byte{byte(i)}}})
	}
	for id, want := range map[int]byte{1: 4, 2: 4, 3: 1} {
		if a, ok := tap.earlier(fault.OtherConnection, id, nil); !ok || a.Head[0] != want {
			t.Errorf("of another than %d: %v, %v, want %d", id, ok, a.Head, want)
		}
	}
}

// Two requests are alike by what they are called, or else by what they ask for.
func TestKindsOfRequests(t *testing.T) {
	const head = "POST /gateway.dll?SessionID=1 HTTP/1.1\r\nHost: x\r\n\r\n"
	for want, ex := range map[string]*exchange{
		"":                                       nil,
		"NS poll":                                {labels: []string{"NS", "poll"}, head: []byte(head)},
		"SB":                                     {labels: []string{"SB"}},
		"POST /gateway.dll?SessionID=1 HTTP/1.1": {head: []byte(head)},
	} {
		if got := kindOf(ex); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
