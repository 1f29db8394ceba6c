package oracle

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/proxies/http1"
)

// exchangeForm holds that a gateway and the proxies before it can read each
// request (S35, S53, S54).
func exchangeForm(t *trace.Trace) (f oracle.Assessment) {
	final := finals{}
	for _, r := range t.Requests {
		if before, whose := final.before(r); before != nil {
			f.Fail([]int{before.Ordinal, r.Ordinal}, "request %d came on connection %d, of which request %d was the last: %s had said Connection: close",
				r.Ordinal, r.Conn, before.Ordinal, whose)
		}
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
	if r := announcesMore(t); r != nil {
		f.Fail([]int{r.Ordinal}, "request %d says that its body has %s bytes, and after %d of them the client waited for the answer; none that has a body ever came whole",
			r.Ordinal, r.Fields.Get("Content-Length"), len(r.Body))
	}
	if r := neverEnds(t); r != nil {
		f.Fail(nil, "connection %d begins with %q, and no empty line ends that head: the client waited for the answer, twice and more, and no request ever came whole",
			r.Conn, r.Fields.Method()+" "+r.Fields.Target())
	}
	f.Missing("no whole request was seen")
	return f
}

// finals are, by connection, the first request after which there may be no other, since
// it or its answer says that the connection ends (RFC 9112, section 9.6).
type finals map[int]*trace.Request

// before is the final request before r, and what made it one; nil if there is none. Of the
// answer that said so it has to be certain that the client had read it: r goes on from it.
func (f finals) before(r *trace.Request) (final *trace.Request, whose string) {
	final = f[r.Conn]
	if final == nil && (ends(&r.Fields) || ends(&r.Answer)) {
		f[r.Conn] = r
	}
	switch {
	case final == nil || r.Crossed:
	case ends(&final.Fields):
		return final, "it"
	case final.Answered && r.Began >= final.Ended && final.Given != nil && r.Asked.Token != "" && r.Asked.Token == final.Given.Token:
		return final, "its answer"
	}
	return nil, ""
}

// ends reports whether a head says that its connection ends, and no field of it the
// contrary: a box that adds its own leaves readers of one field to which they see first.
func ends(head *http1.Head) (is bool) {
	for _, f := range head.Fields {
		switch {
		case !f.Is("Connection"):
		case http1.Lists(f.Value, "close"):
			is = true
		case http1.Lists(f.Value, "keep-alive"):
			return false
		}
	}
	return is
}

// judgeRest holds that nothing but requests follows a request: a
// Content-Length that is too small leaves a rest. What begins a connection is
// another protocol, unless it begins like a request.
func judgeRest(f *oracle.Assessment, before *trace.Request, rest *history.Event) {
	switch {
	case before == nil && bytes.HasPrefix(rest.Data, []byte(http.MethodPost+" ")):
		line, _, _ := bytes.Cut(rest.Data, []byte("\r\n"))
		f.Fail(nil, "connection %d begins with %q, which is no request line", rest.Conn, line)
	case before != nil:
		f.Fail([]int{before.Ordinal}, "behind request %d came %q, which is no request: is its Content-Length right?", before.Ordinal, rest.Data)
	}
}

// announcesMore is the first request whose Content-Length is too large, so that its end
// is waited for in vain. A request can be cut by the way, too: it is the client where no
// fault has fired, no body ever came whole, and it was the client that gave up, twice.
func announcesMore(t *trace.Trace) (first *trace.Request) {
	times := 0
	for _, r := range t.Requests {
		said, err := strconv.Atoi(r.Fields.Get("Content-Length"))
		switch {
		case r.Received && len(r.Body) > 0:
			return nil
		case r.Ordinal == 0 || r.Received || err != nil || said <= len(r.Body) || t.Connection(r.Conn).By != "peer":
			continue
		}
		times++
		first = cmp.Or(first, r)
	}
	if times < 2 || t.LastFault() != nil {
		return nil
	}
	return first
}

// neverEnds is the first request whose head has no end, under the conditions of
// announcesMore: no head ever came whole.
func neverEnds(t *trace.Trace) (first *trace.Request) {
	times := 0
	for _, r := range t.Requests {
		switch {
		case r.Ordinal > 0:
			return nil
		case r.Fields.Method() == http.MethodPost && r.Fields.Version() != "" && t.Connection(r.Conn).By == "peer":
			times++
			first = cmp.Or(first, r)
		}
	}
	if times < 2 || t.LastFault() != nil {
		return nil
	}
	return first
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
	stray := slices.IndexFunc(head.Fields, func(f http1.Field) bool { return !strings.Contains(f.Raw, ":") })
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
	case stray >= 0:
		return fmt.Sprintf("the line %q in its head is no field", strings.TrimSpace(head.Fields[stray].Raw))
	case len(r.Asked.Repeated) > 0:
		return "it repeats " + strings.Join(r.Asked.Repeated, ", ")
	}
	return misargued(r)
}

// misargued says which argument is missing or out of place.
func misargued(r *trace.Request) string {
	q := r.Asked
	switch {
	case q.Action == "open" && q.Server == "":
		return "an open without Server"
	case q.Action == "open" && q.Token != "":
		return "an open with a SessionID"
	case q.Action != "open" && q.Action != "poll" && q.Action != "":
		return fmt.Sprintf("the action %q is unknown", q.Action)
	case q.Action != "open" && q.Token == "":
		return "a request without a SessionID"
	case q.Action == "" && len(r.Body) == 0 && !beginsHandshake(r):
		return "it carries no command, and does not say Action=poll"
	}
	return ""
}

// beginsHandshake reports whether a request is one by which a client and a proxy get to
// know each other: it shows a ticket of a scheme of several messages, and the answer has
// the proxy's. What the request is for follows with the next ticket (RFC 4559, section 5).
func beginsHandshake(r *trace.Request) bool {
	answer := http1.Parse(r.AnswerHead)
	shows, ticket, _ := strings.Cut(r.Fields.Get("Proxy-Authorization"), " ")
	scheme, challenge, _ := strings.Cut(answer.Get("Proxy-Authenticate"), " ")
	return r.Status == http.StatusProxyAuthRequired && ticket != "" && challenge != "" && strings.EqualFold(shows, scheme) &&
		(strings.EqualFold(scheme, "NTLM") || strings.EqualFold(scheme, "Negotiate"))
}

// exchangeHabits reports whether a client sends what the official one does
// (S55, S58).
func exchangeHabits(t *trace.Trace) (f oracle.Assessment) {
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

// idEscaped holds that characters of a SessionID which mean something in a
// query are percent-encoded (S48).
func idEscaped(t *trace.Trace) (f oracle.Assessment) {
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
			newest[r.Session], last = r.Given.Token, r.Given.Token
		}
	}
	f.Missing("no SessionID needed escaping")
	return f
}

func judgeEscape(f *oracle.Assessment, r *trace.Request, id string) {
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

// noPNG holds that a client never sends PNG over HTTP (S20).
func noPNG(t *trace.Trace) (f oracle.Assessment) {
	for _, r := range t.Requests {
		names := r.Commands()
		switch {
		case slices.Contains(names, "PNG"):
			f.Fail([]int{r.Ordinal}, "request %d at %s carries PNG", r.Ordinal, oracle.Clock(r.Began))
		case len(names) > 0:
			f.OK()
		}
	}
	f.Missing("no command was seen")
	return f
}
