package oracle

import (
	"cmp"
	"index/suffixarray"
	"slices"
	"sort"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
)

// atOnce holds that of several messages which the user sends in a row none waits
// longer than for the answer to the request before it (S12, S14). When the first
// is sent nobody but the client knows: its user may take time to type. But where each
// first one went out in the place of a poll, it was the poll that it waited for.
func atOnce(t *trace.Trace) (f Assessment) {
	said, last := said(t), lastOf(t)
	var before *trace.Request // that carried the message before, of the same step
	var firsts []hold
	for i := range t.Events {
		switch ev := &t.Events[i]; ev.Kind {
		case history.StepBegan:
			before = nil
		case history.Submitted:
			r := said.firstWith(ev.Text)
			switch {
			case r == nil || r == before:
			case before != nil:
				judgeWait(&f, t, ev, last[r], r)
			case free(t, last[r], r):
				firsts = append(firsts, hold{ev, r, r.Began - max(last[r].Ended, ev.At), r.Began - last[r].Ended})
			}
			before = r
		}
	}
	judgeTurns(&f, t, firsts)
	f.Missing("the user sent no two messages in a row")
	return f
}

// telling is how long a text is at least that is found in no request by chance. A
// shorter one has to stand at the end, on a line of its own.
const telling = 8

// bodies are those of requests, in which texts are looked for: in time that does not grow
// with them, for as many as there are may be looked for.
type bodies struct {
	requests []*trace.Request
	ends     []int // of their bodies, within all of them
	index    *suffixarray.Index
	found    map[string]*trace.Request
	held     map[string]bool
}

func said(t *trace.Trace) *bodies { return bodiesOf(t.Requests) }

func bodiesOf(requests []*trace.Request) *bodies {
	b := &bodies{found: map[string]*trace.Request{}, held: map[string]bool{}}
	var all []byte
	for _, r := range requests {
		if len(r.Body) > 0 {
			all = append(all, r.Body...)
			b.requests, b.ends = append(b.requests, r), append(b.ends, len(all))
		}
	}
	b.index = suffixarray.New(all)
	return b
}

// firstWith is the first request that carries a message; nil if none does, or if
// that cannot be told.
func (b *bodies) firstWith(text string) *trace.Request {
	r, known := b.found[text]
	if !known && text != "" {
		r = b.find(text)
		b.found[text] = r
	}
	return r
}

func (b *bodies) find(text string) *trace.Request {
	sought := text
	if len(text) < telling {
		sought = "\n" + text
	}
	first := len(b.requests)
	for _, at := range b.index.Lookup([]byte(sought), -1) {
		end := at + len(sought)
		i := sort.SearchInts(b.ends, at+1)
		if i < first && end <= b.ends[i] && (len(text) >= telling || end == b.ends[i]) {
			first = i
		}
	}
	if first == len(b.requests) {
		return nil
	}
	return b.requests[first]
}

// contain reports whether a text that is not empty stands in one of them.
func (b *bodies) contain(text string) bool {
	is, known := b.held[text]
	if !known {
		is = slices.ContainsFunc(b.index.Lookup([]byte(text), -1), func(at int) bool {
			return at+len(text) <= b.ends[sort.SearchInts(b.ends, at+1)]
		})
		b.held[text] = is
	}
	return is
}

// lastOf has for each request the one before in its session.
func lastOf(t *trace.Trace) map[*trace.Request]*trace.Request {
	last, newest := map[*trace.Request]*trace.Request{}, map[*trace.Session]*trace.Request{}
	for _, r := range t.Requests {
		if r.Session != nil {
			last[r], newest[r.Session] = newest[r.Session], r
		}
	}
	return last
}

// delayers counts those who can delay an answer and the next request: the client, the box,
// the gateway and the recorder. Each may be as late as one of them was seen to be.
const delayers = 4

// free reports whether a request went out while its session had nothing else to do and
// nothing was in the way since the one before, on the same connection.
func free(t *trace.Trace, last, r *trace.Request) bool {
	return last != nil && last.Served() && !last.Unsure() && last.Conn == r.Conn && r.Began >= last.Ended && !t.Disturbed(last, r.Began)
}

// hold is how long a message was held back, and how long its session was silent before
// the request that carried it.
type hold struct {
	said          *history.Event
	by            *trace.Request
	waited, pause time.Duration
}

// Of so many messages that all keep the beat of the polls, each to within offBeat, none
// does so by chance; and no typing that always takes the same time has waits which differ
// by more than sameTyping.
const (
	enoughTurns = 3
	offBeat     = 50 * time.Millisecond
	sameTyping  = 200 * time.Millisecond
)

// judgeTurns holds that not all messages wait until the next poll is due.
func judgeTurns(f *Assessment, t *trace.Trace, firsts []hold) {
	pace := Pace(t)
	apart := func(h hold) bool { return (h.pause - pace).Abs() > offBeat }
	switch {
	case pace == 0 || len(firsts) < enoughTurns:
		return
	case slices.ContainsFunc(firsts, apart):
		f.OK()
		return
	}
	byWait := func(a, b hold) int { return cmp.Compare(a.waited, b.waited) }
	longest, shortest := slices.MaxFunc(firsts, byWait), slices.MinFunc(firsts, byWait)
	if longest.waited > requirement.LongestHold+t.Ties && longest.waited-shortest.waited > sameTyping {
		f.Fail([]int{longest.by.Ordinal}, "%q waited %s for its turn to poll, and so did each of the %d messages that were sent apart: none went out but %s after an answer",
			longest.said.Text, longest.waited, len(firsts), pace)
	}
}

// judgeWait looks how long a message was held back while its session had nothing
// else to do. Where anything was in the way nothing is asked.
func judgeWait(f *Assessment, t *trace.Trace, said *history.Event, last, r *trace.Request) {
	if !free(t, last, r) {
		return
	}
	if waited := r.Began - max(last.Ended, said.At); waited > requirement.LongestHold+t.Ties {
		f.Within((waited - requirement.LongestHold) / delayers) // the longest wait counts: one that a slow machine does not explain is enough
		f.Fail([]int{last.Ordinal, r.Ordinal}, "%q waited %s, from the answer to request %d to request %d, and no request of its session was out meanwhile",
			said.Text, waited, last.Ordinal, r.Ordinal)
		return
	}
	f.OK()
}
