package oracle

import (
	"fmt"
	"net/http"
	"strings"

	"gauntlet/harness/judge/history"
)

// exchangeForm holds that a gateway and the proxies before it can read each
// request (S35, S53, S54).
func exchangeForm(e *Evidence) (f finding) {
	for _, r := range e.Requests {
		if !r.Received {
			continue
		}
		if wrong := r.malformed(); wrong != "" {
			f.fail([]int{r.Ordinal}, "request %d: %s", r.Ordinal, wrong)
			continue
		}
		f.ok()
	}
	for i := range e.Events {
		if ev := &e.Events[i]; ev.Kind == history.Opaque && ev.From == history.AtHop && ev.Hop == 0 && ev.By == "peer" && !e.tunnelled(ev.Conn) {
			judgeRest(&f, e.lastBefore(ev), ev)
		}
	}
	f.missing("no whole request was seen")
	return f
}

// judgeRest holds that nothing but requests follows a request: a
// Content-Length that is too small leaves a rest. What begins a connection is
// another protocol.
func judgeRest(f *finding, before *Request, rest *history.Event) {
	if before != nil {
		f.fail([]int{before.Ordinal}, "behind request %d came %q, which is no request: is its Content-Length right?", before.Ordinal, rest.Data)
	}
}

// lastBefore is the newest request on the event's connection before it.
func (e *Evidence) lastBefore(ev *history.Event) (last *Request) {
	for _, r := range e.Requests {
		if r.Conn == ev.Conn && r.Began <= ev.At && r.Ordinal > 0 {
			last = r
		}
	}
	return last
}

// malformed says what is wrong with the request's form; empty if nothing.
func (r *Request) malformed() string {
	method, _, version := r.line()
	head := r.head()
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
	return r.misargued()
}

// misargued says which argument is missing or out of place.
func (r *Request) misargued() string {
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
