package fingerprint

import (
	"fmt"
	"io"
	"strings"
)

func onePost(p *probes) string {
	return p.with(func(c *client) string {
		c.ask(p.request("answer", "abc", ""))
		p.pause()
		return "delivered " + times(len(p.origin.arrivals(p.probe)))
	})
}

// twice asks two times, with these queries, and tells who answered the second.
func twice(first, second string) func(*probes) string {
	return func(p *probes) string {
		for _, query := range []string{first, second} {
			raw := strings.Replace(p.request("answer", "", ""), "/answer ", "/answer"+query+" ", 1)
			p.with(func(c *client) string { return c.ask(raw).body })
		}
		p.pause()
		switch n := len(p.origin.arrivals(p.probe)); n {
		case 0:
			return notDelivered
		case 1:
			return "answered by the box"
		default:
			return "delivered " + times(n)
		}
	}
}

// clientLeaves closes the client's connection while the origin is silent.
func clientLeaves(p *probes) string {
	c := p.dial()
	_, _ = io.WriteString(c, p.request("silent", "abc", "")) // what arrives is looked at
	for range 50 {
		if p.pause(); len(p.origin.arrivals(p.probe)) > 0 {
			break
		}
	}
	c.close() // this is what is probed
	p.pause()
	p.pause()
	got := p.origin.arrivals(p.probe)
	switch {
	case len(got) == 0:
		return notDelivered
	case !got[0].ended.IsZero():
		return "cancelled upstream"
	}
	return "goes on upstream"
}

// refusal closes the origin's address for one request.
func refusal(p *probes) string {
	p.origin.shut()
	p.refusing = true
	defer func() { p.refusing = false }()
	p.pause()
	text := p.with(func(c *client) string { return c.outcome(c.ask(p.request("answer", "abc", ""))) })
	if err := p.origin.open(); err != nil && p.err == nil {
		p.err = fmt.Errorf("the origin's address: %w", err)
	}
	return text
}
