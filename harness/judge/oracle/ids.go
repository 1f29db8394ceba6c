package oracle

import (
	"cmp"
	"net/http"
	"slices"

	"gauntlet/harness/judge/trace"
)

// newestID holds that each request carries the token of the newest answer
// of its session that arrived whole, unchanged (S45, S48). Where a reset may
// have overtaken an answer either id is right. A client whose repeat was
// answered with 400 may try the id that the cut answer had shown; what it tried so
// it may repeat, if the answer to that is cut as well. A request that crossed the end of its connection may be read long after it was sent, and
// no answer to it arrives: it is left out.
func newestID(t *trace.Trace) (f Assessment) {
	known := map[*trace.Session]*allowed{}
	for _, r := range t.Requests {
		if r.Crossed {
			continue
		}
		if !r.IsOpen() {
			judgeToken(&f, t, r, known[r.Session])
		}
		if r.Session != nil {
			if known[r.Session] == nil {
				known[r.Session] = &allowed{spent: map[string]*trace.Request{}}
			}
			known[r.Session].learn(r)
		}
	}
	f.Missing("no request with a %s was seen", t.Words.Token)
	return f
}

// allowed are the ids that the next request may carry.
type allowed struct {
	ids     []string
	by      *trace.Request            // by whose answer the last of them was given
	spent   map[string]*trace.Request // those before, by whose answer each was replaced
	shown   string                    // in the head of an answer that was cut
	refused bool                      // the last answer was 400
}

func judgeToken(f *Assessment, t *trace.Trace, r *trace.Request, a *allowed) {
	carried, word := r.Asked.Token, t.Words.Token
	switch {
	case r.Garbled != "":
		return // not a request of the gateway's; other oracles see to it
	case carried == "":
		f.margin = anyDelay
		f.Fail([]int{r.Ordinal}, "request %d (%s) carries no %s", r.Ordinal, r.Name(), word)
	case r.Session == nil || a == nil || len(a.ids) == 0:
		f.margin = anyDelay
		f.Fail([]int{r.Ordinal}, "request %d (%s) carries the %s %q, which no answer had given", r.Ordinal, r.Name(), word, carried)
	case slices.Contains(a.ids, carried), a.tries(carried):
		f.OK()
	default:
		f.Fail([]int{r.Ordinal}, "request %d (%s) carries the %s %q; the newest whole answer gave %q",
			r.Ordinal, r.Name(), word, carried, a.ids[len(a.ids)-1])
		f.Within(Unaware(t, r, a.by, cmp.Or(a.spent[carried], r)))
	}
}

// tries reports whether the token is the shown one, to which a refusal entitles.
func (a *allowed) tries(token string) bool { return a.refused && token != "" && token == a.shown }

func (a *allowed) learn(r *trace.Request) {
	if a.tries(r.Asked.Token) && !slices.Contains(a.ids, a.shown) {
		a.ids, a.by = append(a.ids, a.shown), r
	}
	a.refused = r.Status == http.StatusBadRequest
	if r.Given == nil || r.Given.Token == "" {
		return
	}
	switch {
	case r.Unsure():
		a.ids, a.by = append(a.ids, r.Given.Token), r
	case r.Answered:
		for _, id := range a.ids {
			a.spent[id] = r
		}
		a.ids, a.by = []string{r.Given.Token}, r
	default:
		a.shown = r.Given.Token
	}
}
