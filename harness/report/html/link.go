package html

import (
	"bytes"

	"gauntlet/harness/judge/history"
	"gauntlet/proxies/http1"
)

// link finds for each exchange the one of the hop before that it carries on: a
// box hands a request on with its query and its body, whatever it does to the
// rest. Of several that fit, the latest to begin that nobody carries on yet; a
// box that repeats a request carries on the same one again.
func link(exchanges []exchange, raw []*history.Exchange) {
	queries := make([][]byte, len(raw))
	for i, x := range raw {
		queries[i] = query(x.Head)
	}
	carried := make([]bool, len(raw))
	for i, x := range raw {
		if x.Hop == 0 {
			continue
		}
		best := -1
		for j, y := range raw {
			if y.Hop != x.Hop-1 || y.Began > x.Began || !bytes.Equal(queries[i], queries[j]) || !carriesOn(x, y) {
				continue
			}
			if best < 0 || (!carried[j] && carried[best]) || (carried[j] == carried[best] && y.Began >= raw[best].Began) {
				best = j
			}
		}
		exchanges[i].Parent = best
		if best >= 0 {
			carried[best] = true
		}
	}
}

// carriesOn tells whether x, which has the query of y, may be y one hop
// further. Of a body that was cut off nothing can be said.
func carriesOn(x, y *history.Exchange) bool {
	return !x.Received || !y.Received || bytes.Equal(x.Body, y.Body)
}

// query is the part of the request's target that boxes leave alone.
func query(head []byte) []byte {
	target := []byte(http1.Target(head))
	if _, q, ok := bytes.Cut(target, []byte("?")); ok {
		return q
	}
	return target
}
