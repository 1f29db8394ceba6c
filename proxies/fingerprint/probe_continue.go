package fingerprint

import (
	"io"
	"strings"

	"gauntlet/proxies/http1"
)

// strayContinue has the origin send an interim answer that nobody asked for.
func strayContinue(p *probes) string {
	return p.with(func(c *client) string {
		first := c.ask(p.request("continue", "abc", ""))
		switch {
		case len(p.origin.arrivals(p.probe)) == 0:
			return notDelivered
		case first.status() == "200":
			return "swallowed"
		case first.status() != "100":
			return c.outcome(first)
		}
		if second := c.read(); second.status() != "200" {
			return "passed on, then " + c.outcome(second)
		}
		return "passed on"
	})
}

// expectation sends a head that waits for 100 Continue.
func expectation(p *probes) string {
	return p.with(func(c *client) string {
		head := strings.TrimSuffix(p.request("answer", "abc", "Expect: 100-continue\r\n"), "abc")
		if _, err := io.WriteString(c, head); err != nil {
			return "cut"
		}
		_ = c.SetReadDeadline(deadline(p.Settle)) // if it fails, so does reading
		m := receive(c.in, &http1.Reader{Answers: true})
		text := "no 100"
		switch {
		case m.status() == "100":
			text = "100 from the box"
		case m.status() != "":
			return m.status()
		}
		final := c.ask("abc")
		if final.status() == "100" { // on a busy machine it was only late
			text, final = "100 from the box", c.read()
		}
		if got := p.origin.arrivals(p.probe); len(got) > 0 && has(got[0].message, "Expect") {
			text += ", passed on"
		}
		return text + ", " + c.outcome(final)
	})
}
