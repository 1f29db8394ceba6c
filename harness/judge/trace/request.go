package trace

import (
	"net/http"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/proxies/http1"
)

// Request is an exchange at hop 0 with its meaning.
type Request struct {
	*history.Exchange
	Fields    http1.Head             // of the request, as far as its head came
	Answer    http1.Head             // of the answer, as handed on
	Query     msnhttp.Query          //
	Garbled   string                 // why the request line means nothing
	Authority string                 // whom it is addressed to: as an absolute-form target says, else as Host does; without the default port
	Header    *msnhttp.SessionHeader // of the answer, if its head was handed on
	Session   *Session               // that its id or, for an open, its answer names
	trace     *Trace
}

// IsOpen reports whether the request asked for a new session.
func (r *Request) IsOpen() bool { return r.Query.Action == "open" }

// ShortPoll reports whether r is a poll that is answered at once.
func (r *Request) ShortPoll() bool { return r.Query.Action == "poll" && r.Query.Lifespan == 0 }

// Server is the one that the request's session is with, or would be.
func (r *Request) Server() string {
	if r.Session != nil {
		return r.Session.Server
	}
	return r.Query.Server
}

// Name is what a request is called in reasons: poll, NS open, MSG, …
func (r *Request) Name() string {
	server := ""
	if r.Session != nil {
		server = r.Session.Server + " "
	}
	switch {
	case r.Garbled != "":
		return "not the gateway's: " + r.Garbled
	case r.IsOpen():
		return strings.TrimSpace(r.Query.Server + " open")
	case r.Query.Action != "":
		return server + r.Query.Action
	}
	name, _, _ := strings.Cut(string(r.Body), " ")
	return strings.TrimSpace(server + strings.TrimSpace(name))
}

// Served reports whether the gateway's own answer was handed on whole.
func (r *Request) Served() bool {
	return r.Answered && r.Status == http.StatusOK && r.Header != nil
}

// Falsified is what was changed about the answer on the way so that it says what
// is not so; nil if nothing was.
func (r *Request) Falsified() *Falsehood { return r.trace.way().falsified[r] }

// Unsure reports whether the answer was handed on and may not have reached the
// client all the same: a reset may have overtaken it, or it was falsified. To go
// on from it is right then, and to repeat the request is, too.
func (r *Request) Unsure() bool { return r.Answered && (r.ByReset || r.Falsified() != nil) }

// Closes reports whether the client was told for certain that the session is
// over.
func (r *Request) Closes() bool { return r.Served() && !r.Unsure() && r.Header.Close }

// Lost reports whether the request is over without the gateway's whole answer.
// A refusal of the gateway's is an answer.
func (r *Request) Lost() bool { return r.Ended >= 0 && !r.Served() && !r.refused() }

// refused reports whether the gateway did not have the request.
func (r *Request) refused() bool { return r.Status == http.StatusBadRequest }

// Continues reports whether r goes on with what a lost request belonged to: the
// session, or the attempt to open one.
func (r *Request) Continues(lost *Request) bool {
	again := r.IsOpen() && lost.IsOpen() && r.Query.Server == lost.Query.Server
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
