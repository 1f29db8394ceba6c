package oracle

import "strings"

// noDirectAttempt holds that the client makes no attempt but the one that it
// was told to make (S34): not past the proxy, and never at MSNP's own port.
func noDirectAttempt(e *Evidence) (f finding) {
	how, proxy, ok := e.told()
	for _, d := range e.dials() {
		switch {
		case !ok:
		case proxied(how) && hostOf(d.address) != hostOf(proxy):
			f.fail(nil, "at %s the client tried to connect to %s, past its proxy %s", clock(d.at), d.address, proxy)
		case strings.HasSuffix(d.address, ":1863"):
			f.fail(nil, "at %s the client tried to connect to %s: MSNP's own port, where it was told to use HTTP", clock(d.at), d.address)
		default:
			f.ok()
		}
	}
	f.missing("no attempt to connect was seen")
	return f
}
