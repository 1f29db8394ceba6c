package oracle

import (
	"bytes"
	"slices"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/http1"
)

// Facts are what an oracle has to know of the case besides its history.
type Facts struct {
	User     string          // who was under test
	Contact  string          // who was played by the harness
	Script   workload.Script // what the user was asked to do
	Attended bool            // a person uses the client, if anybody came
	Ties     time.Duration   // up to this an overlap is put down to the clock; 0 in virtual time
}

// Evidence is a history, read as MSN over HTTP.
type Evidence struct {
	Facts
	Events []history.Event
	// Connections are those at hop 0.
	Connections []*history.Connection
	Requests    []*Request // at hop 0, in the order in which they began
	Sessions    []*Session // as the gateway numbered them
	byID        map[string]*Session
}

// Request is an exchange at hop 0 with its meaning.
type Request struct {
	*history.Exchange
	Query   msnhttp.Query
	Garbled string                 // why the request line means nothing
	Header  *msnhttp.SessionHeader // of the answer, if its head was handed on
	Session *Session               // that its id or, for an open, its answer names
}

// IsOpen tells whether the request asked for a new session.
func (r *Request) IsOpen() bool { return r.Query.Action == "open" }

// Session is one gateway session of the user under test.
type Session struct {
	Number   int
	Server   string // NS or SB
	User     string // "" if nobody signed in on it
	Opened   time.Duration
	Ended    time.Duration // -1: alive to the end
	Why      string        // of the end
	Requests []*Request    // at hop 0
	SaidOut  bool          // OUT was processed
	IDs      []string      // given, in order
}

// NewEvidence reads a history.
func NewEvidence(events []history.Event, facts Facts) *Evidence {
	e := &Evidence{Facts: facts, Events: events, byID: map[string]*Session{}}
	e.readSessions()
	e.Sessions = slices.DeleteFunc(e.Sessions, func(s *Session) bool { return s.User != "" && s.User != facts.User })
	e.Connections = history.Connections(events, 0)
	for _, x := range history.InOrder(e.Connections) {
		if e.asksForTunnel(x) {
			continue
		}
		e.Requests = append(e.Requests, e.readRequest(x))
	}
	return e
}

func (e *Evidence) readSessions() {
	numbers := map[int]*Session{}
	for i := range e.Events {
		ev := &e.Events[i]
		if ev.From != history.AtGateway {
			continue
		}
		s := numbers[ev.Session]
		if ev.Kind == history.SessionOpened {
			s = &Session{Number: ev.Session, Server: ev.Server, Opened: ev.At, Ended: -1}
			numbers[ev.Session] = s
			e.Sessions = append(e.Sessions, s)
		}
		if s != nil {
			e.readSession(s, ev)
		}
	}
}

func (e *Evidence) readSession(s *Session, ev *history.Event) {
	if ev.NewID != "" && e.byID[ev.NewID] != s {
		s.IDs = append(s.IDs, ev.NewID)
		e.byID[ev.NewID] = s
	}
	switch ev.Kind {
	case history.SessionIdentified:
		s.User = ev.User
	case history.SessionEnded:
		s.Ended, s.Why = ev.At, ev.Text
	case history.Processed:
		s.SaidOut = s.SaidOut || saysOutIn(ev.Data)
	}
}

// saysOutIn finds OUT at the start of a line. A message's text could hold one
// too, but then in a body that begins with MSG.
func saysOutIn(body []byte) bool {
	return bytes.HasPrefix(body, []byte("OUT")) || (!bytes.HasPrefix(body, []byte("MSG")) && bytes.Contains(body, []byte("\nOUT\r")))
}

func (e *Evidence) readRequest(x *history.Exchange) *Request {
	r := &Request{Exchange: x}
	if x.Ordinal == 0 { // what there is of its head may end in the middle of a word
		r.Garbled = "its head never came whole"
		return r
	}
	target := http1.Target(x.Head)
	_, query, err := msnhttp.ParseTarget(target)
	if err != nil {
		r.Garbled = err.Error()
	}
	r.Query = query
	r.Header = answerHeader(x.AnswerHead)
	switch {
	case !r.IsOpen():
		r.Session = e.byID[query.SessionID]
	case r.Header != nil:
		r.Session = e.byID[r.Header.SessionID]
	}
	if r.Session != nil {
		r.Session.Requests = append(r.Session.Requests, r)
	}
	return r
}

func answerHeader(head []byte) *msnhttp.SessionHeader {
	if len(head) == 0 {
		return nil
	}
	h := http1.Parse(head)
	value := h.Get(msnhttp.HeaderName)
	parsed, err := msnhttp.ParseSessionHeader(value)
	if value == "" || err != nil {
		return nil
	}
	return &parsed
}

// arrived tells whether the answer reached the client whole; unsure is true if
// a reset may have overtaken it.
func (r *Request) arrived() (whole, unsure bool) {
	return r.Answered, r.Answered && r.ByReset
}

// stepTime is when a step of that verb began, the last one if there were
// several.
func (e *Evidence) stepTime(verb workload.Verb) (time.Duration, bool) {
	at, found := time.Duration(0), false
	for i := range e.Events {
		ev := &e.Events[i]
		if ev.Kind == history.StepBegan && stepVerb(ev.Text) == verb {
			at, found = ev.At, true
		}
	}
	return at, found
}

func stepVerb(text string) workload.Verb {
	step, err := workload.ParseStep(text)
	if err != nil {
		return ""
	}
	return step.Verb
}

// endedByHand reports whether a step of that verb, or any for "", was not done
// because a person ended it.
func (e *Evidence) endedByHand(verb workload.Verb) bool {
	return slices.ContainsFunc(e.Events, func(ev history.Event) bool {
		return ev.Kind == history.StepEnded && (verb == "" || stepVerb(ev.Text) == verb)
	})
}

// nobodyCame reports whether a person was waited for, and nobody connected.
func (e *Evidence) nobodyCame() bool { return e.Attended && len(e.Connections) == 0 }

// end is the time of the last event.
func (e *Evidence) end() time.Duration {
	if len(e.Events) == 0 {
		return 0
	}
	return e.Events[len(e.Events)-1].At
}
