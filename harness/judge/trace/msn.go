package trace

import (
	"bytes"
	"net"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/msn/msnp"
	"gauntlet/proxies/http1"
)

// readRequest reads an exchange as MSN over HTTP.
func (t *Trace) readRequest(x *history.Exchange) *Request {
	r := &Request{Exchange: x, trace: t, Fields: http1.Parse(x.Head), Answer: http1.Parse(x.AnswerHead)}
	if x.Ordinal == 0 { // what there is of its head may end in the middle of a word
		r.Garbled = "its head never came whole"
		return r
	}
	authority, query, err := msnhttp.ParseTarget(r.Fields.Target())
	if err != nil {
		r.Garbled = err.Error()
	}
	if authority == "" {
		authority = r.Fields.Get("Host")
	}
	r.Query, r.Authority, r.Header = query, Bare(authority), sessionHeader(&r.Answer)
	switch {
	case !r.IsOpen():
		r.Session = t.byID[query.SessionID]
	case r.Header != nil:
		r.Session = t.byID[r.Header.SessionID]
	}
	if r.Session != nil {
		r.Session.Requests = append(r.Session.Requests, r)
	}
	return r
}

func sessionHeader(answer *http1.Head) *msnhttp.SessionHeader {
	value := answer.Get(msnhttp.HeaderName)
	parsed, err := msnhttp.ParseSessionHeader(value)
	if value == "" || err != nil {
		return nil
	}
	return &parsed
}

// Bare is a host without the default port.
func Bare(authority string) string { return strings.TrimSuffix(strings.ToLower(authority), ":80") }

// HostOf is an address without its port, if it has one.
func HostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

// SaysOut finds OUT at the start of a line. A message's text could hold one
// too, but then in a body that begins with MSG.
func SaysOut(body []byte) bool {
	return bytes.HasPrefix(body, []byte("OUT")) || (!bytes.HasPrefix(body, []byte("MSG")) && bytes.Contains(body, []byte("\nOUT\r")))
}

// Commands are the names of the MSNP commands in the body.
func (r *Request) Commands() []string {
	list, _ := msnp.Decode(msnp.Client, r.Body) // what precedes an error was decoded
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.Name
	}
	return names
}

// Ticket is what a server gave the user for a switchboard: on being asked (XFR),
// or since a contact calls (RNG).
type Ticket struct {
	At     time.Duration
	Called bool
	Host   string
}

// ticketsIn are those in a command as it was sent.
func ticketsIn(sent *history.Event) (list []Ticket) {
	commands, _ := msnp.Decode(msnp.Server, sent.Data) // one
	for _, c := range commands {
		switch {
		case c.Name == "XFR" && c.Arg(1) == msnhttp.ServerSB:
			list = append(list, Ticket{At: sent.At, Host: HostOf(c.Arg(2))})
		case c.Name == "RNG":
			list = append(list, Ticket{At: sent.At, Called: true, Host: HostOf(c.Arg(1))})
		}
	}
	return list
}

// AnswersCall reports whether an open is for a switchboard to which a contact
// has called the user: of the tickets given, the last.
func (t *Trace) AnswersCall(open *Request) (is bool) {
	if !open.IsOpen() || open.Query.Server != msnhttp.ServerSB {
		return false
	}
	for _, ticket := range t.Tickets {
		if ticket.At <= open.Began {
			is = ticket.Called
		}
	}
	return is
}
