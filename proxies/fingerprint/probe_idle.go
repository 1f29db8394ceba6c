package fingerprint

import (
	"strings"
	"time"
)

// idleClient waits for the box to end a connection on which nothing happens.
func idleClient(p *probes) string {
	return p.with(func(c *client) string {
		if m := c.ask(p.request("answer", "abc", "")); m.err != nil {
			return "cut"
		}
		began := time.Now()
		_ = c.SetReadDeadline(began.Add(p.Idle)) // if it fails, so does reading
		_, _ = c.in.ReadByte()                   // it ends by itself or at the deadline
		return lifetime(time.Since(began), p.Idle)
	})
}

// idleUpstream does the same on the other side.
func idleUpstream(p *probes) string {
	return p.with(func(c *client) string {
		c.ask(p.request("answer", "abc", ""))
		p.wait(p.Idle)
		got := p.origin.arrivals(p.probe)
		switch {
		case len(got) == 0:
			return notDelivered
		case got[0].ended.IsZero():
			return lifetime(p.Idle, p.Idle)
		}
		return lifetime(got[0].ended.Sub(got[0].at), p.Idle)
	})
}

func lifetime(lived, watched time.Duration) string {
	lived = lived.Round(time.Second)
	switch {
	case lived >= watched:
		return "kept"
	case lived < time.Second:
		return "closed at once"
	}
	return closedAfter + lived.String()
}

const closedAfter = "closed after "

// after is the duration in a lifetime, if it has one.
func after(lifetime string) string {
	d, _ := strings.CutPrefix(lifetime, closedAfter)
	return d
}
