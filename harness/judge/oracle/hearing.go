package oracle

import (
	"math"
	"slices"
	"sort"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
)

// hearing is what a client can have heard of challenges, and what it did about them,
// by the places of its requests, which are in order. Each is read once at most, however
// many challenges there are: answers can be long, and few bring one.
type hearing struct {
	t      *trace.Trace
	all    outs                     // its requests
	sure   outs                     // of them those that answer a challenge, or were answered for certain
	brings map[int]bool             // whether their answers brought a challenge for certain, of those that were looked at
	proofs []int                    // those that answer one, and were not lost
	lost   []int                    // and those that were
	polls  map[*trace.Session][]int // the others that only poll
}

// hear reads the requests.
func hear(t *trace.Trace) *hearing {
	h := &hearing{t: t, brings: map[int]bool{}, polls: map[*trace.Session][]int{}}
	for i, r := range t.Requests {
		proof := slices.Contains(r.Commands(), t.Words.Proof)
		h.all.add(i, r)
		if proof || r.Served() && !r.Unsure() {
			h.sure.add(i, r)
		}
		switch {
		case r.Session == nil: // it is nobody's
		case proof && r.Lost():
			h.lost = append(h.lost, i)
		case proof:
			h.proofs = append(h.proofs, i)
		case r.Asked.Action == trace.Poll:
			h.polls[r.Session] = append(h.polls[r.Session], i)
		}
	}
	return h
}

// bringer is the place of the first request that was over at a time or later, before
// another place, and whose answer brought a challenge; -1 if there is none.
func (h *hearing) bringer(since time.Duration, before int) int {
	place := h.all.first(since-1, before)
	for ; place >= 0 && place < before; place++ {
		r := h.t.Requests[place]
		if r.Session == nil || r.Ended < since {
			continue
		}
		brings, known := h.brings[place]
		if !known {
			brings = r.Challenged()
			h.brings[place] = brings
		}
		if brings {
			return place
		}
	}
	return -1
}

// nothing reports whether the client had asked since a challenge and until then no
// answer had come to it for certain, nor one of its to the challenge been seen.
func (h *hearing) nothing(since, by time.Duration) bool {
	before := h.begun(by + 1)
	return !h.sure.after(since, before) && h.all.after(since, before)
}

// unsure reports whether a challenge may have been in an answer that was lost or changed on
// the way, was in none that came for certain, and the client answered none until then.
func (h *hearing) unsure(since, by time.Duration) bool {
	before := h.begun(by + 1)
	first := h.all.first(since-1, before)
	if first < 0 || h.bringer(since, before) >= 0 || len(within(h.proofs, first, before)) > 0 {
		return false
	}
	return slices.ContainsFunc(h.t.Requests[first:before], func(r *trace.Request) bool { return r.Ended >= since && r.MaybeChallenged() })
}

// begun is how many requests had begun before a time.
func (h *hearing) begun(before time.Duration) int {
	return sort.Search(len(h.t.Requests), func(i int) bool { return h.t.Requests[i].Began >= before })
}

// judgeIgnored fails a client that a challenge reached and that polled on without
// an answer until the session ended, or until the next challenge: it had nothing to
// say. An answer that was sent, and went astray elsewhere than on the client's own
// connection, is one; one that was lost there is to be sent again.
func (h *hearing) judgeIgnored(f *Assessment, challenge *history.Event, next time.Duration) {
	if challenge == nil {
		return
	}
	before := h.begun(next)
	place := h.bringer(challenge.At, before)
	if place < 0 {
		return
	}
	r := h.t.Requests[place]
	if len(within(h.proofs, place+1, before)) > 0 {
		return
	}
	from := max(place+1, h.begun(r.Ended))
	if again := within(h.lost, place+1, before); len(again) > 0 {
		from = max(from, again[len(again)-1]+1)
	}
	if len(within(h.polls[r.Session], from, before)) >= requirement.Chances {
		f.Fail([]int{r.Ordinal}, "the answer to request %d brought a challenge of the server's (%s) at %s, and it was never answered",
			r.Ordinal, h.t.Words.Challenge, Clock(r.Ended))
	}
}

// within are those of some places, in order, from one up to another.
func within(places []int, from, to int) []int {
	i, _ := slices.BinarySearch(places, from)
	j, _ := slices.BinarySearch(places, max(from, to))
	return places[i:j]
}

// outs are requests, by their places, and until when any up to each was out.
type outs struct {
	places []int
	until  []time.Duration
}

// add notes a request, which is behind those noted so far.
func (o *outs) add(place int, r *trace.Request) {
	until := r.Ended
	if until < 0 {
		until = math.MaxInt64
	}
	if n := len(o.until); n > 0 {
		until = max(until, o.until[n-1])
	}
	o.places, o.until = append(o.places, place), append(o.until, until)
}

// first is the place of the first that was out after a time, before another place;
// -1 if there is none.
func (o *outs) first(after time.Duration, before int) int {
	i := sort.Search(len(o.until), func(i int) bool { return o.until[i] > after })
	if i == len(o.until) || o.places[i] >= before {
		return -1
	}
	return o.places[i]
}

// after reports whether any before a place was out after a time.
func (o *outs) after(at time.Duration, before int) bool { return o.first(at, before) >= 0 }
