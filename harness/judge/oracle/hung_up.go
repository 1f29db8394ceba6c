package oracle

import (
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/proxies/http1"
)

// lostIdle tells whether others closed an idle connection, or a fault struck it
// so that the client gave it up by itself: it was half closed, for instance.
func (e *Evidence) lostIdle(c *history.Connection, last *Request) bool {
	if c.Closed < 0 {
		return false
	}
	return c.By != "peer" || e.struck(c.Number, last.Ended+1, c.Closed)
}

// struck reports whether a fault fired at hop 0 on a connection in that time.
func (e *Evidence) struck(conn int, from, to time.Duration) bool {
	return slices.ContainsFunc(e.Events, func(ev history.Event) bool {
		return ev.Kind == history.Fired && ev.Hop == 0 && ev.Conn == conn && ev.At >= from && ev.At <= to
	})
}

// disturbed reports whether the connection of a request was disturbed before
// the next request was seen, so that what the client did meanwhile may not be
// seen: a fault struck it while it was idle, or one on the road during or after
// the request. What is sent into such a road reaches no hop.
func (e *Evidence) disturbed(r *Request, next time.Duration) bool {
	return e.struck(r.Conn, r.Ended+1, next) || slices.ContainsFunc(e.Events, func(ev history.Event) bool {
		return ev.Kind == history.Fired && ev.Hop == 0 && ev.Conn == r.Conn && ev.At >= r.Began && ev.At <= next && onRoad(ev.Fault)
	})
}

// onRoad reports whether a fault is one of the way between two ends: all of
// these, and no others, do something to a flow.
func onRoad(text string) bool { return strings.Contains(text, " flow") }

// Struck is the request at hop 0 that a fault disturbed, at whatever hop, or the
// last one on the connection that it disturbed; nil if that is not known.
func (e *Evidence) Struck(fired *history.Event) (last *Request) {
	if fired.Hop > 0 {
		fired = e.downstream(fired)
	}
	for _, r := range e.Requests {
		switch {
		case fired == nil || r.Conn != fired.Conn || r.Began > fired.At:
		case r.Ordinal == fired.Exchange:
			return r
		default:
			last = r
		}
	}
	return last
}

// downstream is what a fault at a later hop is at hop 0: it has struck the newest
// exchange there that asks for the same; nil if there is none.
func (e *Evidence) downstream(fired *history.Event) (at0 *history.Event) {
	for _, x := range history.Exchanges(e.Events, fired.Hop) {
		if x.Conn != fired.Conn || x.Ordinal != fired.Exchange {
			continue
		}
		_, asked, _ := msnhttp.ParseTarget(http1.Target(x.Head)) // what means nothing asks for nothing
		for _, r := range e.Requests {
			if r.Began <= fired.At && r.Query.Action == asked.Action && r.Query.SessionID == asked.SessionID && r.Query.Server == asked.Server {
				at0 = &history.Event{Conn: r.Conn, Exchange: r.Ordinal, At: fired.At}
			}
		}
	}
	return at0
}
