package fingerprint

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"gauntlet/proxies/http1"
)

func absoluteForm(p *probes) string {
	return p.with(func(c *client) string {
		text := c.outcome(c.ask(p.request("answer", "abc", "")))
		arrivals := p.origin.arrivals(p.probe)
		switch {
		case len(arrivals) == 0:
			return text + ", " + notDelivered
		case strings.Contains(arrivals[0].start(), " http://"):
			return text + ", absolute-form upstream"
		}
		return text + ", origin-form upstream"
	})
}

func originForm(p *probes) string {
	return p.with(func(c *client) string {
		text := c.outcome(c.ask(p.inOriginForm(p.request("answer", "abc", ""))))
		if len(p.origin.arrivals(p.probe)) == 0 {
			return text + ", " + notDelivered
		}
		return text
	})
}

// connect asks for a tunnel and, if there is one, for an answer in it.
func connect(p *probes) string {
	return p.with(func(c *client) string {
		host := p.Host
		if !strings.Contains(host, ":") {
			host += ":80"
		}
		fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", host, host, p.credentials())
		_ = c.SetReadDeadline(deadline(p.Patience)) // if it fails, so does reading
		m := receive(c.in, &http1.Reader{Answers: true, Method: http.MethodConnect})
		switch status := m.status(); {
		case status == "" && errors.Is(m.err, os.ErrDeadlineExceeded):
			return "nothing"
		case status == "":
			return "cut"
		case status != "200":
			return status
		}
		if c.ask(p.inOriginForm(p.request("answer", "", ""))).body != body20 {
			return "200, no tunnel"
		}
		return "200, tunnel"
	})
}

// asksForCredentials sends a request without any.
func asksForCredentials(p *probes) string {
	return p.with(func(c *client) string {
		if m := c.ask(strings.Replace(p.request("answer", "", ""), p.credentials(), "", 1)); m.status() != "407" {
			return "not asked for"
		}
		return "asked for"
	})
}

func chunkedRequest(p *probes) string {
	return p.with(func(c *client) string {
		head, _, _ := strings.Cut(p.request("answer", "", ""), "Content-Length")
		text := c.outcome(c.ask(head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
		arrivals := p.origin.arrivals(p.probe)
		switch {
		case len(arrivals) == 0:
			return text + ", " + notDelivered
		case arrivals[0].says("Transfer-Encoding", "chunked"):
			return text + ", chunked upstream"
		}
		return text + ", Content-Length upstream"
	})
}

// pipelining sends two requests in one piece.
func pipelining(p *probes) string {
	return p.with(func(c *client) string {
		raw := p.request("answer", "abc", "")
		if _, err := io.WriteString(c, raw+raw); err != nil {
			return "cut"
		}
		if first := c.read(); first.err != nil {
			return "none answered"
		}
		if second := c.read(); second.err != nil {
			return "second lost"
		}
		return "both answered"
	})
}
