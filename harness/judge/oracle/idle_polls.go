package oracle

import (
	"slices"
	"time"
)

// rest is the pause of an idle client before one of its polls. It is measured
// from poll to poll, since the timer of many clients takes no notice of the
// commands between two polls.
type rest struct {
	poll   *Request
	pause  time.Duration // since the answer to the poll before
	silent time.Duration // since the answer to the request before, of whatever kind
}

// rests lists the pauses of idle sessions, in which nothing was given to the
// client from one poll to the next. Long polls are exempt: there the gateway
// sets the pace. So is a poll after a lost request, which is a repeat, one that
// was kept from the wire, and one after a fault on the road, which may have kept
// it.
func (e *Evidence) rests() []rest {
	var list []rest
	cut := e.inVain()
	for _, s := range e.Sessions {
		for i, r := range s.Requests {
			before := s.pollBefore(i)
			if before == nil || !r.shortPoll() {
				continue
			}
			last := s.Requests[i-1]
			kept := slices.ContainsFunc(cut, func(t time.Duration) bool { return t > before.Ended && t <= r.Began })
			kept = kept || e.disturbed(before, r.Began) || e.disturbed(last, r.Began)
			if !kept && r.Began >= last.Ended { // else they overlap
				list = append(list, rest{r, r.Began - before.Ended, r.Began - last.Ended})
			}
		}
	}
	return list
}

// pollBefore is the poll before the session's request i, if from its answer on
// all requests were answered and brought nothing.
func (s *Session) pollBefore(i int) *Request {
	for _, r := range slices.Backward(s.Requests[:i]) {
		switch {
		case !r.Served() || r.ByReset || len(r.AnswerBody) > 0 || r.Query.Lifespan != 0:
			return nil
		case r.shortPoll():
			return r
		}
	}
	return nil
}

// shortPoll reports whether r is a poll that is answered at once.
func (r *Request) shortPoll() bool { return r.Query.Action == "poll" && r.Query.Lifespan == 0 }
