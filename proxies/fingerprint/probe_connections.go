package fingerprint

import (
	"fmt"
	"slices"
)

// clientConnection tells what becomes of a connection after an answer.
func clientConnection(p *probes) string {
	return p.with(func(c *client) string {
		m := c.ask(p.request("answer", "abc", ""))
		switch {
		case m.err != nil && m.head == "":
			return "cut"
		case !c.closes():
			return "kept"
		case m.says("Connection", "close"):
			return "closed, announced"
		}
		return "closed silently"
	})
}

// upstreamConnections has two clients ask twice each, and says which
// connections served them.
func upstreamConnections(p *probes) string {
	clients := []*client{p.dial(), p.dial()}
	for _, c := range clients {
		for range 2 {
			if m := c.ask(p.request("answer", "abc", "")); m.err != nil || c.closes() {
				c.close() // the box wants no more on it
				*c = *p.dial()
			}
		}
	}
	for _, c := range clients {
		c.close() // it has served
	}
	var used []int
	for _, a := range p.origin.arrivals(p.probe) {
		used = append(used, a.conn)
	}
	return pattern(used)
}

func pattern(used []int) string {
	switch {
	case len(used) == 0:
		return notDelivered
	case slices.Equal(used, []int{1, 1, 1, 1}):
		return "shared by all clients"
	case slices.Equal(used, []int{1, 1, 2, 2}):
		return "bound to a client connection"
	case slices.Equal(used, []int{1, 2, 3, 4}):
		return "one for each request"
	}
	return fmt.Sprint(used)
}

// oldKeepAlive asks for the connection to be kept, by one field only.
func oldKeepAlive(field string) func(*probes) string {
	return func(p *probes) string {
		return p.with(func(c *client) string {
			m := c.ask(p.old(field + ": keep-alive\r\n"))
			fate := map[bool]string{true: "closed", false: "kept"}[m.err != nil || c.closes()]
			return fate + ", " + m.version()
		})
	}
}

func oldUpstream(p *probes) string { return version(p, p.old("")) }
func newUpstream(p *probes) string { return version(p, p.request("answer", "abc", "")) }

func version(p *probes, raw string) string {
	return p.with(func(c *client) string {
		c.ask(raw)
		for _, a := range p.origin.arrivals(p.probe) {
			return a.version()
		}
		return notDelivered
	})
}

// framing tells how an answer's body is framed for the client.
func framing(script string) func(*probes) string {
	return func(p *probes) string {
		return p.with(func(c *client) string {
			m := c.ask(p.request(script, "abc", ""))
			text := m.status() + " " + m.version()
			switch {
			case len(p.origin.arrivals(p.probe)) == 0:
				return notDelivered
			case m.err != nil || m.body != body20:
				return c.outcome(m)
			case has(m, "Content-Length"):
				return text + ", Content-Length"
			case m.says("Transfer-Encoding", "chunked"):
				return text + ", chunked"
			}
			return text + ", until close"
		})
	}
}

func chunkedCut(p *probes) string {
	return p.with(func(c *client) string { return c.outcome(c.ask(p.request("chunks-FIN", "abc", ""))) })
}
