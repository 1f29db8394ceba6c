package proxies

import (
	"fmt"
	"net/http"
	"time"
)

// A faithful box keeps idle connections for ever.
//
// Quirks `client-idle D [announced]` (Quirks.ClientIdle) and `upstream-idle D
// [announced]` (Quirks.UpstreamIdle): it closes those of clients, or those in
// its pool, on which nothing happened for D since the last answer. Announced
// means that it says so in each message, by `Keep-Alive: timeout=`; else it
// does it silently.

// Idle is how long an idle connection lives; zero is for ever.
type Idle struct {
	After     time.Duration
	Announced bool
}

func idle(field func(*Quirks) *Idle) quirk {
	after := duration(func(q *Quirks) *time.Duration { return &field(q).After })
	return quirk{
		parse: func(q *Quirks, s *scanner) error {
			err := after.parse(q, s)
			field(q).Announced = err == nil && s.take(announced)
			return err
		},
		print: func(q Quirks) string {
			if field(&q).Announced {
				return after.print(q) + " " + announced
			}
			return after.print(q)
		},
		isSet: func(q Quirks) bool { return *field(&q) != Idle{} },
	}
}

func (i Idle) announce(h http.Header) {
	if i.Announced {
		h["Keep-Alive"] = []string{fmt.Sprintf("timeout=%d", int(i.After.Seconds()))}
	}
}
