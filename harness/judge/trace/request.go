package trace

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/proxies/http1"
)

// Request is an exchange at hop 0 with its meaning.
type Request struct {
	*history.Exchange
	Fields    http1.Head // of the request, as far as its head came
	Answer    http1.Head // of the answer, as handed on
	Asked     Asked
	Garbled   string   // why the request line means nothing
	Authority string   // whom it is addressed to: as an absolute-form target says, else as Host does; without the default port
	Given     *Given   // by the answer, if its head was handed on
	Session   *Session // that its token or, for an open, its answer names
	trace     *Trace
}

// newRequest reads an exchange.
func newRequest(t *Trace, x *history.Exchange) *Request {
	r := &Request{Exchange: x, trace: t, Fields: http1.Parse(x.Head), Answer: http1.Parse(x.AnswerHead)}
	if x.Ordinal == 0 { // what there is of its head may end in the middle of a word
		r.Garbled = "its head never came whole"
		return r
	}
	var err error
	if r.Asked, err = t.Reader.Request(r.Fields.Target()); err != nil {
		r.Garbled = err.Error()
	}
	r.Authority = Bare(cmp.Or(r.Asked.Authority, r.Fields.Get("Host")))
	r.Given = t.Reader.Answer(&r.Answer)
	switch {
	case !r.IsOpen():
		r.Session = t.byToken[r.Asked.Token]
	case r.Given != nil:
		r.Session = t.byToken[r.Given.Token]
	}
	if r.Session != nil {
		r.Session.add(r)
	}
	return r
}

// IsOpen reports whether the request asked for a new session.
func (r *Request) IsOpen() bool { return r.Asked.Action == Open }

// ShortPoll reports whether r is a poll that is answered at once.
func (r *Request) ShortPoll() bool { return r.Asked.Action == Poll && r.Asked.Hold == 0 }

// Server is the one that the request's session is with, or would be.
func (r *Request) Server() string {
	if r.Session != nil {
		return r.Session.Server
	}
	return r.Asked.Server
}

// Name is what a request is called in reasons: poll, open, the kind of session before it, …
func (r *Request) Name() string {
	server := ""
	if r.Session != nil {
		server = r.Session.Server + " "
	}
	switch {
	case r.Garbled != "":
		return "not the gateway's: " + r.Garbled
	case r.IsOpen():
		return strings.TrimSpace(r.Asked.Server + " open")
	case r.Asked.Action != "":
		return server + r.Asked.Action
	}
	name, _, _ := strings.Cut(string(r.Body), " ")
	return strings.TrimSpace(server + strings.TrimSpace(name))
}

// Served reports whether the gateway's own answer was handed on whole.
func (r *Request) Served() bool {
	return r.Answered && r.Status == http.StatusOK && r.Given != nil
}

// Falsified is what was changed about the answer on the way so that it says what
// is not so; nil if nothing was.
func (r *Request) Falsified() *Falsehood { return r.trace.way().falsified[r] }

// Unsure reports whether the answer was handed on and may not have reached the
// client all the same: a reset may have overtaken it, or it was falsified. To go
// on from it is right then, and to repeat the request is, too.
func (r *Request) Unsure() bool { return r.Answered && (r.ByReset || r.Falsified() != nil) }

// LeftAfter is how long after the end of the answer the client was seen to leave the
// connection without another request: a machine that was later than that may have seen
// it the wrong way round. left is false of a connection that the client did not leave.
func (r *Request) LeftAfter() (after time.Duration, left bool) {
	c := r.trace.Connection(r.Conn)
	if c.By != "peer" || c.Closed < r.Ended || c.Exchanges[len(c.Exchanges)-1] != r.Exchange {
		return 0, false
	}
	return c.Closed - r.Ended, true
}

// LaterThan is by how much r began after other, if the client may all the same have sent it
// before: r was read from another connection, which was there by then and which the client
// left without the answer. What lies unread on one connection while the next is served is
// seen only when a slow machine gets to it. possible is false of any other request.
func (r *Request) LaterThan(other *Request) (by time.Duration, possible bool) {
	c := r.trace.Connection(r.Conn)
	left := !r.Answered && c.By == "peer" && c.Exchanges[len(c.Exchanges)-1] == r.Exchange
	if r.Conn == other.Conn || c.Accepted > other.Began || !left {
		return 0, false
	}
	return r.Began - other.Began, true
}

// Brought is what the answer had in it where it came from, whether or not it arrived.
func (r *Request) Brought() []byte {
	path := r.trace.way().answeredBy(r.Exchange)
	return path[len(path)-1].AnswerBody
}

// Commands are the names of the commands in the body.
func (r *Request) Commands() []string { return r.trace.Reader.Commands(r.Body) }

// Leaves reports whether by this request the client leaves the session.
func (r *Request) Leaves() bool { return r.trace.Reader.Leaves(r.Body) }

// AnswersCall reports whether an open is for a chat to which a contact has called
// the user: of the tickets given, the last.
func (r *Request) AnswersCall() (is bool) {
	if !r.IsOpen() || r.Asked.Server != r.trace.Words.Chat {
		return false
	}
	for _, ticket := range r.trace.Tickets {
		if ticket.At <= r.Began {
			is = ticket.Called
		}
	}
	return is
}

// Stage is how far the request came.
func (r *Request) Stage() Stage { return r.trace.way().stageOf(r) }

// Closes reports whether the client was told for certain that the session is
// over.
func (r *Request) Closes() bool { return r.Served() && !r.Unsure() && r.Given.Close }

// Lost reports whether the request is over without the gateway's whole answer.
// A refusal of the gateway's is an answer.
func (r *Request) Lost() bool { return r.Ended >= 0 && !r.Served() && !r.refused() }

// refused reports whether the gateway did not have the request.
func (r *Request) refused() bool { return r.Status == http.StatusBadRequest }

// Continues reports whether r goes on with what a lost request belonged to: the
// session, or the attempt to open one.
func (r *Request) Continues(lost *Request) bool {
	again := r.IsOpen() && lost.IsOpen() && r.Asked.Server == lost.Asked.Server
	return again || (lost.Session != nil && r.Session == lost.Session)
}

// AnnouncedClose reports whether the answer said that the connection ends.
func (r *Request) AnnouncedClose() bool {
	says := func(word string) bool {
		for _, name := range []string{"Connection", "Proxy-Connection"} {
			if strings.HasPrefix(strings.ToLower(r.Answer.Get(name)), word) {
				return true
			}
		}
		return false
	}
	return says("close") || r.Answer.Version() == "HTTP/1.0" && !says("keep-alive")
}

// Transactions are those that the request carries.
func (r *Request) Transactions() []Transaction { return r.trace.Reader.Transactions(r.Body) }

// Challenged reports whether the answer certainly brought the server's challenge.
func (r *Request) Challenged() bool {
	return r.Served() && !r.Unsure() && r.trace.Reader.Challenges(r.AnswerBody)
}

// MaybeChallenged reports whether the answer may have brought it, and may not have reached
// the client: of one that was lost nobody knows where it was not seen further on.
func (r *Request) MaybeChallenged() bool {
	if !r.Lost() && !r.Unsure() {
		return false
	}
	seen := len(r.trace.way().answeredBy(r.Exchange)) > 1
	return r.Lost() && !seen || r.trace.Reader.Challenges(r.Brought())
}
