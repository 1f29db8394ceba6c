package oracle

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
)

// judgeLost looks at the transactions of requests that were lost while the session
// went on: each arrived, or another of its kind did later, or the user was told. An
// open is another matter (connection.session-survives). Of a client that says
// nothing of itself nobody knows what its user was told: of it only what no user
// hears of is asked.
func judgeLost(f *Assessment, t *trace.Trace) {
	for _, r := range t.Requests {
		until := t.CutOffUntil(r.Ended, t.ComeBack) + t.ComeBack
		if !r.Lost() || r.IsOpen() || r.Session == nil || r.Session.LostByGateway() || r.Session.EndedBy(until) {
			continue
		}
		for _, c := range r.Transactions() {
			switch {
			case arrivedSince(t, r, c):
				f.OK()
			case watchedUntil(t, r.Ended) < until || !servedIn(r.Session, r.Ended) || toldSince(t, r.Began) || answeredAgain(r):
			case !t.Speaks() && c.Name != t.Words.Proof:
			default:
				f.Fail([]int{r.Ordinal}, "%q of request %d, which was lost at %s, never arrived, and the user was not told", strings.TrimSpace(firstLine(c.Text)), r.Ordinal, Clock(r.Ended))
			}
		}
	}
}

// servedIn reports whether a request of the session that began after then was
// answered: the session went on.
func servedIn(s *trace.Session, after time.Duration) bool {
	return slices.ContainsFunc(s.Requests, func(r *trace.Request) bool { return r.Began >= after && r.Served() })
}

// answeredAgain reports whether the request was sent once more as it was, and got the
// gateway's whole answer: if what it carried did not come even so, it was taken out on
// the way, and the client cannot see that.
func answeredAgain(r *trace.Request) bool {
	return slices.ContainsFunc(r.Session.Requests, func(x *trace.Request) bool {
		return x.Began > r.Began && x.Asked.Token == r.Asked.Token && bytes.Equal(x.Body, r.Body) && x.Served() && !x.Unsure()
	})
}

// arrivedSince reports whether a server got what a request carried, or another
// transaction of that name since. If the request repeats one, that may have brought it.
func arrivedSince(t *trace.Trace, r *trace.Request, c trace.Transaction) bool {
	first := r
	if i := slices.IndexFunc(r.Session.Requests, func(before *trace.Request) bool { return slices.Contains(before.Transactions(), c) }); i >= 0 {
		first = r.Session.Requests[i]
	}
	return slices.ContainsFunc(t.Arrived, func(a trace.Arrival) bool {
		return a.Server == r.Server() && a.At >= first.Began && a.Name == c.Name
	})
}

// toldSince reports whether the client told its user of trouble since then.
func toldSince(t *trace.Trace, at time.Duration) bool {
	return slices.ContainsFunc(t.Events, func(ev history.Event) bool {
		return ev.From == history.AtClient && ev.At >= at && slices.Contains([]history.Kind{history.Uncertain, history.Failed, history.Reopened}, ev.Kind)
	})
}

// judgeDoubled looks at transactions that a client sent again after the request
// that had carried them was lost, in another request, which no gateway knows for
// the same. They must not have arrived before. Who was refused may try once the
// token that the lost answer had shown: it cannot know what became of the first.
func judgeDoubled(f *Assessment, t *trace.Trace) {
	for _, first := range t.Requests {
		if !first.Lost() && !first.Unsure() {
			continue
		}
		for _, c := range first.Transactions() {
			if again := sentAgain(first, c); again == nil {
				continue
			} else if n := arrivals(t, c); n > 1 {
				f.Fail([]int{first.Ordinal, again.Ordinal}, "%q arrived %d times: request %d, which was lost, had brought it, and request %d sent it again", strings.TrimSpace(firstLine(c.Text)), n, first.Ordinal, again.Ordinal)
			} else {
				f.OK()
			}
		}
	}
}

// sentAgain is a later request of the same session, with another token, that
// carries the same transaction; nil if there is none.
func sentAgain(first *trace.Request, c trace.Transaction) *trace.Request {
	if first.Session == nil || first.IsOpen() {
		return nil
	}
	refused, shown := false, map[string]bool{}
	for _, r := range first.Session.Requests {
		refused = refused || r.Began > first.Began && r.Status == http.StatusBadRequest
		if r.Given != nil && (!r.Served() || r.Unsure()) && r.Asked.Token == first.Asked.Token {
			shown[r.Given.Token] = true
		}
		if r.Began > first.Began && r.Asked.Token != first.Asked.Token && (!refused || !shown[r.Asked.Token]) && slices.Contains(r.Transactions(), c) {
			return r
		}
	}
	return nil
}

// arrivals is how often one link of a server's got a transaction, at most.
func arrivals(t *trace.Trace, c trace.Transaction) (most int) {
	links := map[int]int{}
	for _, a := range t.Arrived {
		if a.Transaction == c {
			links[a.Link]++
			most = max(most, links[a.Link])
		}
	}
	return most
}
