package oracle

import (
	"net/http"
	"slices"
	"strings"

	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/msnhttp"
)

// newestID holds that each request carries the SessionID of the newest answer
// of its session that arrived whole, unchanged (S45, S48). Where a reset may
// have overtaken an answer either id is right. A client whose repeat was
// answered with 400 may try the id that the cut answer had shown, once. A request
// that crossed the end of its connection may be read long after it was sent, and
// no answer to it arrives: it is left out.
func newestID(t *trace.Trace) (f Assessment) {
	known := map[*trace.Session]*allowed{}
	for _, r := range t.Requests {
		if r.Crossed {
			continue
		}
		if !r.IsOpen() {
			judgeID(&f, r, known[r.Session])
		}
		if r.Session != nil {
			if known[r.Session] == nil {
				known[r.Session] = &allowed{}
			}
			known[r.Session].learn(r)
		}
	}
	f.Missing("no request with a SessionID was seen")
	return f
}

// allowed are the ids that the next request may carry.
type allowed struct {
	ids     []string
	shown   string // in the head of an answer that was cut
	refused bool   // the last answer was 400
}

func judgeID(f *Assessment, r *trace.Request, a *allowed) {
	carried := r.Query.SessionID
	switch {
	case r.Garbled != "":
		return // not a request of the gateway's; other oracles see to it
	case carried == "":
		f.Fail([]int{r.Ordinal}, "request %d (%s) carries no SessionID", r.Ordinal, r.Name())
	case r.Session == nil || a == nil || len(a.ids) == 0:
		f.Fail([]int{r.Ordinal}, "request %d (%s) carries the SessionID %q, which no answer had given", r.Ordinal, r.Name(), carried)
	case slices.Contains(a.ids, carried), a.refused && carried == a.shown:
		f.OK()
	default:
		f.Fail([]int{r.Ordinal}, "request %d (%s) carries the SessionID %q; the newest whole answer gave %q",
			r.Ordinal, r.Name(), carried, a.ids[len(a.ids)-1])
	}
}

func (a *allowed) learn(r *trace.Request) {
	a.refused = r.Status == http.StatusBadRequest
	if r.Header == nil || r.Header.SessionID == "" {
		return
	}
	switch {
	case r.Unsure():
		a.ids = append(a.ids, r.Header.SessionID)
	case r.Answered:
		a.ids = []string{r.Header.SessionID}
	default:
		a.shown = r.Header.SessionID
	}
}

// idEscaped holds that characters of a SessionID which mean something in a
// query are percent-encoded (S48).
func idEscaped(t *trace.Trace) (f Assessment) {
	newest := map[*trace.Session]string{}
	last := "" // given to anybody: an unescaped id may name no session at all
	for _, r := range t.Requests {
		id := newest[r.Session]
		if r.Session == nil {
			id = last
		}
		if !r.IsOpen() && id != msnhttp.EscapeID(id) {
			judgeEscape(&f, r, id)
		}
		if r.Served() {
			newest[r.Session], last = r.Header.SessionID, r.Header.SessionID
		}
	}
	f.Missing("no SessionID needed escaping")
	return f
}

func judgeEscape(f *Assessment, r *trace.Request, id string) {
	_, raw, _ := strings.Cut(r.Fields.Target(), "SessionID=")
	raw, _, _ = strings.Cut(raw, "&")
	if msnhttp.Unescape(raw) == id && !strings.ContainsAny(raw, meaningful) {
		f.OK()
		return
	}
	f.Fail([]int{r.Ordinal}, "request %d writes the SessionID %q as %q; in a query it is %q", r.Ordinal, id, raw, msnhttp.EscapeID(id))
}

// meaningful are the characters that one reader or another of a query takes
// for something else than themselves.
const meaningful = "&#+; []"
