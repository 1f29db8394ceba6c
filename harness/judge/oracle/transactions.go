package oracle

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
)

// ledger is what became of the transactions of a run, read once however many were lost.
type ledger struct {
	carriers map[carried][]*trace.Request // in order
	arrived  map[arrival]time.Duration    // when the last of that name did
	most     map[trace.Transaction]int    // how often one link of a server's got it, at most
	told     time.Duration                // when the user was last told of trouble; never
}

// carried is a transaction in a session, and arrival a kind of them at a kind of server.
type (
	carried struct {
		in *trace.Session
		trace.Transaction
	}
	arrival struct{ server, name string }
)

func ledgerOf(t *trace.Trace) *ledger {
	l := &ledger{map[carried][]*trace.Request{}, map[arrival]time.Duration{}, map[trace.Transaction]int{}, never}
	for _, r := range t.Requests {
		if r.Session == nil {
			continue
		}
		for _, c := range r.Transactions() {
			l.carriers[carried{r.Session, c}] = append(l.carriers[carried{r.Session, c}], r)
		}
	}
	type link struct {
		trace.Transaction
		number int
	}
	links := map[link]int{}
	for _, a := range t.Arrived {
		here, on := arrival{a.Server, a.Name}, link{a.Transaction, a.Link}
		l.arrived[here] = max(l.arrived[here], a.At)
		links[on]++
		l.most[a.Transaction] = max(l.most[a.Transaction], links[on])
	}
	for i := range t.Events {
		if ev := &t.Events[i]; ev.From == history.AtClient && slices.Contains([]history.Kind{history.Uncertain, history.Failed, history.Reopened}, ev.Kind) {
			l.told = max(l.told, ev.At)
		}
	}
	return l
}

// judgeLost looks at the transactions of requests that were lost while the session
// went on: each arrived, or another of its kind did later, or the user was told. An
// open is another matter (connection.session-survives). Of a client that says
// nothing of itself nobody knows what its user was told: of it only what no user
// hears of is asked.
func judgeLost(f *Assessment, t *trace.Trace) {
	known := sync.OnceValue(func() *ledger { return ledgerOf(t) })
	for _, r := range t.Requests {
		if !r.Lost() || r.IsOpen() || r.Session == nil || r.Session.LostByGateway() {
			continue
		}
		until := t.CutOffUntil(r.Ended, t.ComeBack) + t.ComeBack
		if r.Session.EndedBy(until) {
			continue
		}
		for _, c := range r.Transactions() {
			switch l := known(); {
			case l.arrivedSince(r, c):
				f.OK()
			case watchedUntil(t, r.Ended) < until || !r.Session.ServedSince(r.Ended) || l.told >= r.Began || answeredAgain(r):
			case !t.Speaks() && c.Name != t.Words.Proof:
			default:
				f.Fail([]int{r.Ordinal}, "%q of request %d, which was lost at %s, never arrived, and the user was not told", strings.TrimSpace(firstLine(c.Text)), r.Ordinal, Clock(r.Ended))
			}
		}
	}
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
func (l *ledger) arrivedSince(r *trace.Request, c trace.Transaction) bool {
	first := l.carriers[carried{r.Session, c}][0]
	at, arrived := l.arrived[arrival{r.Server(), c.Name}]
	return arrived && at >= first.Began
}

// judgeDoubled looks at transactions that a client sent again after the request
// that had carried them was lost, in another request, which no gateway knows for
// the same. They must not have arrived before. Who was refused may try once the
// token that the lost answer had shown: it cannot know what became of the first.
func judgeDoubled(f *Assessment, t *trace.Trace) {
	known := sync.OnceValue(func() *ledger { return ledgerOf(t) })
	for _, first := range t.Requests {
		if !first.Lost() && !first.Unsure() {
			continue
		}
		for _, c := range first.Transactions() {
			if again := known().sentAgain(first, c); again == nil {
				continue
			} else if n := known().most[c]; n > 1 {
				f.Fail([]int{first.Ordinal, again.Ordinal}, "%q arrived %d times: request %d, which was lost, had brought it, and request %d sent it again", strings.TrimSpace(firstLine(c.Text)), n, first.Ordinal, again.Ordinal)
			} else {
				f.OK()
			}
		}
	}
}

// sentAgain is a later request of the same session, with another token, that
// carries the same transaction; nil if there is none.
func (l *ledger) sentAgain(first *trace.Request, c trace.Transaction) *trace.Request {
	all := l.carriers[carried{first.Session, c}]
	if first.IsOpen() || !slices.ContainsFunc(all, func(r *trace.Request) bool { return r.Began > first.Began && r.Asked.Token != first.Asked.Token }) {
		return nil
	}
	refused, shown := false, map[string]bool{}
	for _, r := range first.Session.Requests {
		refused = refused || r.Began > first.Began && r.Status == http.StatusBadRequest
		if r.Given != nil && (!r.Served() || r.Unsure()) && r.Asked.Token == first.Asked.Token {
			shown[r.Given.Token] = true
		}
		if r.Began > first.Began && r.Asked.Token != first.Asked.Token && (!refused || !shown[r.Asked.Token]) && slices.Contains(all, r) {
			return r
		}
	}
	return nil
}
