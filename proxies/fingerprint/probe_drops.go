package fingerprint

import "fmt"

// drops are the probes in which the origin ends the connection: where in its
// answer, how, on a connection that served before or not, after a request with
// a body or without.
func drops() []probe {
	var all []probe
	for _, where := range []string{"before", "head", "body"} {
		for _, how := range []string{"FIN", "RST"} {
			for _, reused := range []bool{false, true} {
				for _, body := range []string{"", "abc"} {
					all = append(all, probe{name: dropName(where, how, reused, body), see: drop(where+"-"+how, reused, body)})
				}
			}
		}
	}
	return all
}

func dropName(where, how string, reused bool, body string) string {
	place := map[string]string{"before": "dropped before the answer", "head": "dropped in its head", "body": "dropped in its body"}[where]
	conn := map[bool]string{false: "fresh", true: "reused"}[reused]
	return fmt.Sprintf("%s, %s, %s, %s", place, how, conn, map[bool]string{true: "empty POST", false: "POST with body"}[body == ""])
}

func drop(script string, reused bool, body string) func(*probes) string {
	return func(p *probes) string {
		return p.with(func(c *client) string {
			if reused {
				c.ask(p.request("answer", "", ""))
				p.pause()
			}
			text := c.outcome(c.ask(p.request(script, body, "")))
			p.pause()
			n := 0
			for _, a := range p.origin.arrivals(p.probe) {
				if a.script() == script {
					n++
				}
			}
			return withCount(text, n)
		})
	}
}

// withCount adds how often a request was delivered, where it was not once.
func withCount(text string, n int) string {
	if n == 1 {
		return text
	}
	return text + ", delivered " + times(n)
}

func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}
