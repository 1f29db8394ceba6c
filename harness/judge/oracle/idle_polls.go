package oracle

import (
	"slices"
	"time"
)

// rest is the pause of an idle client before one of its polls: since an answer
// that brought it nothing.
type rest struct {
	poll  *Request
	pause time.Duration
}

// rests lists the pauses of idle sessions. Long polls are exempt: there the
// gateway sets the pace. So is a poll after a lost request, which is a repeat, and one
// that was kept from the wire.
func (e *Evidence) rests() []rest {
	var list []rest
	cut := e.inVain()
	for _, s := range e.Sessions {
		for i := 1; i < len(s.Requests); i++ {
			before, r := s.Requests[i-1], s.Requests[i]
			kept := slices.ContainsFunc(cut, func(t time.Duration) bool { return t > before.Ended && t <= r.Began })
			idle := !kept && before.Served() && !before.ByReset && len(before.AnswerBody) == 0 && r.Began >= before.Ended // else they overlap
			if idle && r.Query.Action == "poll" && r.Query.Lifespan == 0 && before.Query.Lifespan == 0 {
				list = append(list, rest{r, r.Began - before.Ended})
			}
		}
	}
	return list
}
