package oracle

import (
	"slices"
	"strings"

	"gauntlet/harness/judge/history"
)

// noSOCKS holds that a client speaks to its proxy what its settings say: HTTP to
// an HTTP proxy, SOCKS of the right version to a SOCKS proxy (S28, S29).
func noSOCKS(e *Evidence) (f finding) {
	how, _, _ := e.told()
	if !proxied(how) {
		f.missing("the client was not told of a proxy")
		return f
	}
	version := map[string]byte{toldSocks4: 4, toldSocks4a: 4, toldSocks5: 5}[how]
	for _, c := range e.Connections {
		switch spoken := greetingOf(c); {
		case spoken != version && spoken == 0 && speaksHTTP(c):
			f.fail(nil, "connection %d begins with HTTP; the client was told of %s", c.Number, article(how))
		case spoken != version && spoken != 0:
			f.fail(nil, "connection %d begins with a SOCKS%d greeting (% x); the client was told of %s", c.Number, spoken, c.Opaque[:min(8, len(c.Opaque))], article(how))
		case spoken != 0 || speaksHTTP(c):
			f.ok()
		}
	}
	f.missing("nothing was sent to the proxy")
	return f
}

// greetingOf is the version of SOCKS that a connection begins with, 0 if none.
func greetingOf(c *history.Connection) byte {
	if len(c.Opaque) > 0 && (c.Opaque[0] == 4 || c.Opaque[0] == 5) {
		return c.Opaque[0]
	}
	return 0
}

// speaksHTTP reports whether anything of a request was seen on a connection.
func speaksHTTP(c *history.Connection) bool {
	return slices.ContainsFunc(c.Exchanges, func(x *history.Exchange) bool { return len(x.Head) > 0 })
}

func article(how string) string {
	if strings.HasPrefix(how, "http") {
		return "an " + how
	}
	return "a " + how
}
