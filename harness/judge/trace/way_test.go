package trace_test

import (
	"slices"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/reading"
)

// carrier is an exchange that begins at that time, with that target and body.
func carrier(began time.Duration, target, body string) *history.Exchange {
	return &history.Exchange{Began: began, Head: []byte("POST " + target + " HTTP/1.1\r\n\r\n"), Body: []byte(body), Received: true}
}

// half is one whose body was cut off.
func half(x *history.Exchange) *history.Exchange {
	x.Received = false
	return x
}

func TestCarriedOn(t *testing.T) {
	const path = "/gateway/gateway.dll?"
	poll := func(at time.Duration, id string) *history.Exchange {
		return carrier(at, path+"Action=poll&SessionID="+id, "")
	}
	list := func(l ...*history.Exchange) []*history.Exchange { return l }
	for name, c := range map[string]struct {
		before, here []*history.Exchange
		want         []int
	}{
		"each its own":              {list(poll(1, "a"), poll(2, "b")), list(poll(3, "b"), poll(4, "a")), []int{1, 0}},
		"what begins later":         {list(poll(5, "a")), list(poll(4, "a")), []int{-1}},
		"what begins at once":       {list(poll(5, "a")), list(poll(5, "a")), []int{0}},
		"another id":                {list(poll(1, "a")), list(poll(2, "b")), []int{-1}},
		"another action":            {list(poll(1, "a")), list(carrier(2, path+"SessionID=a", "")), []int{-1}},
		"another server":            {list(carrier(1, path+"Action=open&Server=NS", "")), list(carrier(2, path+"Action=open&Server=SB", "")), []int{-1}},
		"another body":              {list(carrier(1, path+"SessionID=a", "x")), list(carrier(2, path+"SessionID=a", "y")), []int{-1}},
		"a body cut off here":       {list(carrier(1, path+"SessionID=a", "xy")), list(half(carrier(2, path+"SessionID=a", "x"))), []int{0}},
		"a body cut off before":     {list(half(carrier(1, path+"SessionID=a", "x"))), list(carrier(2, path+"SessionID=a", "")), []int{0}},
		"a repeat by the client":    {list(poll(1, "a"), poll(3, "a")), list(poll(2, "a"), poll(4, "a")), []int{0, 1}},
		"only the repeat came":      {list(poll(1, "a"), poll(3, "a")), list(poll(4, "a")), []int{1}},
		"the first comes last":      {list(poll(1, "a"), poll(3, "a")), list(poll(4, "a"), poll(40, "a")), []int{1, 0}},
		"a repeat by the box":       {list(poll(1, "a")), list(poll(2, "a"), poll(3, "a")), []int{0, 0}},
		"spelt another way":         {list(poll(1, "a.b")), list(poll(2, "a%2Eb")), []int{0}},
		"an absolute target":        {list(carrier(1, "http://h"+path+"SessionID=a", "")), list(carrier(2, path+"SessionID=a", "")), []int{0}},
		"nobody's affair":           {list(carrier(1, "http://login/a?b", "")), list(carrier(2, "/a?b", "")), []int{0}},
		"nor that, with other args": {list(carrier(1, "http://login/a?b", "")), list(carrier(2, "/a?c", "")), []int{-1}},
		"a tunnel":                  {list(carrier(1, "h:443", "")), list(carrier(2, "h:443", "")), []int{0}},
		"another tunnel":            {list(carrier(1, "h:443", "")), list(carrier(2, "i:443", "")), []int{-1}},
		"nothing":                   {nil, list(poll(1, "a")), []int{-1}},
	} {
		if got := CarriedOn(reading.MSN{}, c.before, c.here); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
