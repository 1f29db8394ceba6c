package trace

import (
	"slices"
	"time"

	"gauntlet/harness/judge/history"
)

// Session is one gateway session of the user under test.
type Session struct {
	Number     int
	Server     string // Words.Home or Words.Chat
	User       string // "" if nobody signed in on it
	Opened     time.Duration
	Ended      time.Duration // -1: alive to the end
	Why        string        // of the end
	Requests   []*Request    // at hop 0
	ClientLeft bool          // the client's leaving was processed
	Tokens     []string      // given, in order
	refused    bool          // a request was
	served     time.Duration // when the last request began that was; -1 if none was
	trace      *Trace
}

func (s *Session) read(ev *history.Event) {
	switch ev.Kind {
	case history.SessionIdentified:
		s.User = ev.User
	case history.SessionEnded:
		s.Ended, s.Why = ev.At, ev.Text
	case history.Processed:
		s.ClientLeft = s.ClientLeft || s.trace.Reader.Leaves(ev.Data)
	}
}

// LostByGateway reports whether the gateway ended the session or answered 400 to
// its newest token, so that the client had to begin anew.
func (s *Session) LostByGateway() bool {
	return (s.Ended >= 0 && s.Why != s.trace.Words.Leave) || s.Refused()
}

// Refused reports whether the client could see, be it only the head of the
// answer, that the gateway would not have its token.
func (s *Session) Refused() bool { return s.refused }

// ServedSince reports whether a request of the session that began then or later was
// answered: the session went on.
func (s *Session) ServedSince(at time.Duration) bool { return s.served >= at }

// add notes a request, which is behind those noted so far.
func (s *Session) add(r *Request) {
	s.Requests, s.refused = append(s.Requests, r), s.refused || r.refused()
	if r.Served() {
		s.served = r.Began
	}
}

// Refusal is the session's first request that was answered with 400, whole; nil
// if none was.
func (s *Session) Refusal() *Request {
	for _, r := range s.Requests {
		if r.Answered && r.refused() {
			return r
		}
	}
	return nil
}

// EndedBy reports whether the session had come to an end by then, other than by
// being forgotten.
func (s *Session) EndedBy(at time.Duration) bool {
	return s.Ended >= 0 && s.Ended <= at && s.Why != "idle"
}

// OverBy reports whether the session needs nothing more by then.
func (s *Session) OverBy(at time.Duration) bool {
	return s.ClientLeft || s.EndedBy(at)
}

// KnownBy reports whether the client can have known of the session by then: the
// answer to its open had arrived for certain, or the client had made use of it.
func (s *Session) KnownBy(at time.Duration) bool {
	known := len(s.Requests) > 0
	for _, r := range s.Requests {
		switch {
		case r.IsOpen():
			known = r.Answered && r.Ended <= at && !r.Unsure()
		case r.Began <= at:
			return true
		}
	}
	return known
}

// ClosedBefore reports whether the client had been told by an answer that the
// session was over before it began r.
func (s *Session) ClosedBefore(r *Request) bool {
	own := map[string]bool{}
	for _, token := range s.Tokens {
		own[token] = true
	}
	return slices.ContainsFunc(s.Requests, func(x *Request) bool {
		return x.Closes() && own[x.Given.Token] && x.Ended <= r.Began
	})
}
