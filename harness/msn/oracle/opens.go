package oracle

import (
	"slices"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/trace"
)

// openBegins holds that a session's first request is an open that names its
// server (S35, S37).
func openBegins(t *trace.Trace) (f oracle.Assessment) {
	seen := map[*trace.Session]bool{} // an open whose answer was not handed on belongs to none
	for _, r := range t.Requests {
		if !r.IsOpen() {
			continue
		}
		seen[r.Session] = true
		switch r.Asked.Server {
		case "NS", "SB":
			f.OK()
		default:
			f.Fail([]int{r.Ordinal}, "request %d opens a session with the server %q", r.Ordinal, r.Asked.Server)
		}
	}
	for _, s := range t.Sessions {
		if len(s.Requests) > 0 && !s.Requests[0].IsOpen() && seen[s] {
			r := s.Requests[0]
			f.Fail([]int{r.Ordinal}, "request %d (%s) is the first of its session and no open", r.Ordinal, r.Name())
		}
	}
	f.Missing("no session was opened")
	return f
}

// openDispatchHost holds that an NS open is addressed to the gateway's name
// (S5, S38).
func openDispatchHost(t *trace.Trace) (f oracle.Assessment) {
	gateway := t.Route.Gateway
	for _, r := range t.Requests {
		if !r.IsOpen() || r.Asked.Server != "NS" || gateway == "" {
			continue
		}
		if r.Authority == gateway {
			f.OK()
			continue
		}
		f.Fail([]int{r.Ordinal}, "request %d opens an NS session at %q, not at %q", r.Ordinal, r.Authority, gateway)
	}
	f.Missing("no NS session was opened")
	return f
}

// openSwitchboard holds that an SB open names the switchboard that an XFR or
// RNG had given (S39), and that who goes there opens an SB session. A port behind
// it is borne, unless the client is sent to it and gets no answer there.
func openSwitchboard(t *trace.Trace) (f oracle.Assessment) {
	given := switchboards(t)
	for _, r := range t.Requests {
		if !r.IsOpen() {
			continue
		}
		since, known := given[trace.HostOf(r.Asked.Behind)]
		known = known && since <= r.Began
		chats := r.Asked.Server == "SB"
		switch {
		case chats && known && strandedAtPort(r):
			f.Fail([]int{r.Ordinal}, "request %d opens an SB session with IP=%q, port and all; the gateway gave that as its GW-IP, and no request was answered there", r.Ordinal, r.Asked.Behind)
		case chats && known:
			f.OK()
		case known:
			f.Fail([]int{r.Ordinal}, "request %d opens a session with the switchboard %s as one of Server=%s", r.Ordinal, r.Asked.Behind, r.Asked.Server)
		case chats:
			f.Fail([]int{r.Ordinal}, "request %d opens an SB session with IP=%q; the servers had given %s", r.Ordinal, r.Asked.Behind, ticketsBy{t.Tickets, r.Began})
		}
	}
	f.Missing("no SB session was opened")
	return f
}

// strandedAtPort reports whether an open named a port behind the switchboard, the gateway
// sent the client just there, and none of the requests that went there was answered.
func strandedAtPort(open *trace.Request) bool {
	if open.Asked.Behind == trace.HostOf(open.Asked.Behind) || !open.Served() || open.Unsure() || open.Session == nil || open.Given.Gateway != open.Asked.Behind {
		return false
	}
	followed := func(r *trace.Request) bool { return r != open && r.Authority == open.Given.Gateway }
	served := func(r *trace.Request) bool { return r != open && r.Served() }
	return slices.ContainsFunc(open.Session.Requests, followed) && !slices.ContainsFunc(open.Session.Requests, served)
}

// openCarriesCommand holds that an open carries the session's first command
// (S41).
func openCarriesCommand(t *trace.Trace) (f oracle.Assessment) {
	for _, r := range t.Requests {
		if !r.IsOpen() || !r.Received {
			continue
		}
		if len(r.Body) > 0 {
			f.OK()
			continue
		}
		f.Fail([]int{r.Ordinal}, "request %d opens an %s session with an empty body", r.Ordinal, r.Asked.Server)
	}
	f.Missing("no session was opened")
	return f
}

// switchboards are the hosts that the user was sent to, and since when.
func switchboards(t *trace.Trace) map[string]time.Duration {
	since := map[string]time.Duration{}
	for _, ticket := range t.Tickets {
		if at, known := since[ticket.Host]; !known || ticket.At < at {
			since[ticket.Host] = ticket.At
		}
	}
	return since
}

// ticketsBy are those that the user had been sent by then.
type ticketsBy struct {
	all   []trace.Ticket
	until time.Duration
}

// String lists their hosts, for a reason: of many failures one is told.
func (b ticketsBy) String() string {
	var hosts []string
	for _, ticket := range b.all {
		if ticket.At <= b.until {
			hosts = append(hosts, ticket.Host)
		}
	}
	return oracle.Texts(slices.Compact(hosts))
}
