package oracle

import (
	"bytes"
	"slices"

	"gauntlet/harness/judge/trace"
	"gauntlet/proxies/http1"
)

// finalAnswer holds that a client takes nothing for the answer to a request but the
// final one: no interim answer before it (RFC 9110, section 15.2), and nothing that
// stood behind the end of another (RFC 9112, section 6.3). Who did shows it on the
// same connection: its next request comes before the answer, or goes on from what
// was none. To give the connection up is right either way.
func finalAnswer(t *trace.Trace) (f Assessment) {
	f = Moot()
	for i, r := range t.Requests {
		if len(r.Interims) == 0 && !r.Surplus {
			continue
		}
		on := onSame(t.Requests[i+1:], r)
		if len(r.Interims) > 0 {
			judgeInterims(&f, t, r, on)
		}
		if r.Surplus {
			judgeSurplus(&f, t, r, on)
		}
	}
	f.Missing("no interim answer came, and nothing behind an answer's end; or the client asked for nothing more")
	return f
}

// onSame are the requests of a list on the connection of one before them.
func onSame(list []*trace.Request, as *trace.Request) (on []*trace.Request) {
	for _, r := range list {
		if r.Conn == as.Conn && !r.Crossed {
			on = append(on, r)
		}
	}
	return on
}

// judgeInterims judges what a client made of the interim answers to a request, by what it
// sent next.
func judgeInterims(f *Assessment, t *trace.Trace, r *trace.Request, on []*trace.Request) {
	first := r.Interims[0]
	if next := idOfInterim(t, r); next != nil {
		f.Fail([]int{r.Ordinal, next.Ordinal}, "request %d carries the %s %q, which only an interim answer (%d) to request %d had given",
			next.Ordinal, t.Words.Token, next.Asked.Token, first.Status, r.Ordinal)
		return
	}
	if len(on) == 0 {
		f.okIf(goesOn(t, r))
		return
	}
	switch next := on[0]; {
	case next.Began > first.At && isOut(r, next):
		f.Fail([]int{r.Ordinal, next.Ordinal}, "request %d was answered with %d at %s, and request %d followed on the same connection before the final answer came",
			r.Ordinal, first.Status, Clock(first.At), next.Ordinal)
	case !r.Unsure() && goesOnFrom(r, next, r.Asked.Token):
		f.Fail([]int{r.Ordinal, next.Ordinal}, "request %d follows on the same connection as if the answer to request %d had been the interim one (%d): it carries the %s %q still",
			next.Ordinal, r.Ordinal, first.Status, t.Words.Token, next.Asked.Token)
	case r.Served():
		f.OK()
	}
}

// judgeSurplus judges what a client made of bytes that stood behind the answer to a
// request, by what it sent on that connection since. Who has left it did right, and
// who had asked before they came cannot have known.
func judgeSurplus(f *Assessment, t *trace.Trace, r *trace.Request, on []*trace.Request) {
	switch {
	case len(on) == 0:
		f.okIf(r != t.Requests[len(t.Requests)-1])
	case on[0].Began <= r.SurplusAt:
	case len(on) == 1:
		f.okIf(goesOn(t, on[0]))
	case isOut(on[0], on[1]):
		f.Fail([]int{r.Ordinal, on[0].Ordinal, on[1].Ordinal}, "request %d followed before request %d was answered, on the same connection: what stood behind the answer to request %d was taken for the answer",
			on[1].Ordinal, on[0].Ordinal, r.Ordinal)
	case r.Given != nil && goesOnFrom(on[0], on[1], r.Given.Token):
		f.Fail([]int{r.Ordinal, on[0].Ordinal, on[1].Ordinal}, "request %d goes on from what stood behind the answer to request %d, not from the answer to request %d",
			on[1].Ordinal, r.Ordinal, on[0].Ordinal)
	case on[0].Served():
		f.OK()
	}
}

// goesOn reports whether the next request of r's session, on another connection,
// shows that nothing else was taken for the answer to r: it repeats r, or goes on
// from its answer.
func goesOn(t *trace.Trace, r *trace.Request) bool {
	i := slices.IndexFunc(t.Requests, func(x *trace.Request) bool { return x.Began > r.Began && x.Continues(r) })
	if i < 0 {
		return false
	}
	next := t.Requests[i]
	return bytes.Equal(next.Head, r.Head) && bytes.Equal(next.Body, r.Body) || r.Served() && next.Asked.Token == r.Given.Token
}

// isOut reports whether a request was out when another began: nobody hears an answer
// before it is handed on.
func isOut(r, next *trace.Request) bool { return r.Ended < 0 || r.Ended > next.Began }

// goesOnFrom reports whether the next request of r's session carries a token although
// the answer to r had given another one.
func goesOnFrom(r, next *trace.Request, token string) bool {
	return r.Served() && r.Session != nil && next.Session == r.Session && token != "" && next.Asked.Token == token && r.Given.Token != token
}

// idOfInterim is the first request with a token that an interim answer to r had
// given, and no answer of its session before; nil if there is none.
func idOfInterim(t *trace.Trace, r *trace.Request) *trace.Request {
	var shown []string
	for _, x := range r.Interims {
		head := http1.Parse(x.Head)
		if given := t.Reader.Answer(&head); given != nil && given.Token != "" && !gave(t, given.Token) {
			shown = append(shown, given.Token)
		}
	}
	for _, x := range t.Requests {
		if x.Began > r.Interims[0].At && slices.Contains(shown, x.Asked.Token) {
			return x
		}
	}
	return nil
}

// gave reports whether the gateway ever gave a token to this client.
func gave(t *trace.Trace, token string) bool {
	return slices.ContainsFunc(t.Sessions, func(s *trace.Session) bool { return slices.Contains(s.Tokens, token) })
}
