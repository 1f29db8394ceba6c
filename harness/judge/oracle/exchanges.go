package oracle

import (
	"fmt"
	"net/http"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/trace"
)

// oneInFlight holds that no request of a session begins while another of the
// same session is out (S14). A request is out from its first byte until the
// last byte of its answer is handed on, or until its connection ends. One that
// crossed the end of its connection may be read long after it was sent, and is
// left out.
func oneInFlight(t *trace.Trace) (f Assessment) {
	last := map[*trace.Session]*trace.Request{}
	for _, r := range t.Requests {
		if r.Session == nil || r.IsOpen() || r.Crossed {
			continue
		}
		before := last[r.Session]
		last[r.Session] = r
		if before == nil {
			continue
		}
		if before.Ended >= 0 && r.Began+t.Ties >= before.Ended {
			f.OK()
			continue
		}
		f.Fail([]int{before.Ordinal, r.Ordinal},
			"request %d (%s, connection %d) began at %s while request %d (%s, connection %d) of the same session was out since %s",
			r.Ordinal, r.Name(), r.Conn, clock(r.Began), before.Ordinal, before.Name(), before.Conn, clock(before.Began))
	}
	f.Missing("fewer than two requests of one session were seen")
	return f
}

// exchangeForm holds that a gateway and the proxies before it can read each
// request (S35, S53, S54).
func exchangeForm(t *trace.Trace) (f Assessment) {
	for _, r := range t.Requests {
		if !r.Received {
			continue
		}
		if wrong := malformed(r); wrong != "" {
			f.Fail([]int{r.Ordinal}, "request %d: %s", r.Ordinal, wrong)
			continue
		}
		f.OK()
	}
	for i := range t.Events {
		if ev := &t.Events[i]; ev.Kind == history.Opaque && ev.From == history.AtHop && ev.Hop == 0 && ev.By == "peer" && !t.Tunnelled(ev.Conn) {
			judgeRest(&f, lastBefore(t, ev), ev)
		}
	}
	f.Missing("no whole request was seen")
	return f
}

// judgeRest holds that nothing but requests follows a request: a
// Content-Length that is too small leaves a rest. What begins a connection is
// another protocol.
func judgeRest(f *Assessment, before *trace.Request, rest *history.Event) {
	if before != nil {
		f.Fail([]int{before.Ordinal}, "behind request %d came %q, which is no request: is its Content-Length right?", before.Ordinal, rest.Data)
	}
}

// lastBefore is the newest request on the event's connection before it.
func lastBefore(t *trace.Trace, ev *history.Event) (last *trace.Request) {
	for _, r := range t.Requests {
		if r.Conn == ev.Conn && r.Began <= ev.At && r.Ordinal > 0 {
			last = r
		}
	}
	return last
}

// malformed says what is wrong with the request's form; empty if nothing.
func malformed(r *trace.Request) string {
	method, version, head := r.Fields.Method(), r.Fields.Version(), &r.Fields
	switch {
	case method != http.MethodPost:
		return fmt.Sprintf("its method is %q, not POST", method)
	case r.Garbled != "":
		return r.Garbled
	case !strings.HasPrefix(version, "HTTP/1."):
		return fmt.Sprintf("its version is %q", version)
	case version != "HTTP/1.0" && head.Count("Host") != 1:
		return fmt.Sprintf("it has %d Host fields", head.Count("Host"))
	case head.Get("Content-Length") == "" && head.Get("Transfer-Encoding") == "":
		return "it has no Content-Length"
	case len(r.Query.Repeated) > 0:
		return "it repeats " + strings.Join(r.Query.Repeated, ", ")
	}
	return misargued(r)
}

// misargued says which argument is missing or out of place.
func misargued(r *trace.Request) string {
	q := r.Query
	switch {
	case q.Action == "open" && q.Server == "":
		return "an open without Server"
	case q.Action == "open" && q.SessionID != "":
		return "an open with a SessionID"
	case q.Action != "open" && q.Action != "poll" && q.Action != "":
		return fmt.Sprintf("the action %q is unknown", q.Action)
	case q.Action != "open" && q.SessionID == "":
		return "a request without a SessionID"
	}
	return ""
}

// exchangeHabits reports whether a client sends what the official one does
// (S55, S58).
func exchangeHabits(t *trace.Trace) (f Assessment) {
	want := [][2]string{{"Proxy-Connection", "keep-alive"}, {"Pragma", "no-cache"}, {"User-Agent", "msmsgs"}}
	for _, r := range t.Requests {
		if r.Ordinal == 0 {
			continue
		}
		for _, w := range want {
			if !strings.EqualFold(r.Fields.Get(w[0]), w[1]) {
				f.Fail([]int{r.Ordinal}, "request %d has %s %q; the official client sends %q", r.Ordinal, w[0], r.Fields.Get(w[0]), w[1])
			}
		}
		f.OK()
	}
	f.Missing("no request was seen")
	return f
}
