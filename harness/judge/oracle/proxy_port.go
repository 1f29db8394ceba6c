package oracle

// proxyPort holds that each connection of a client which is told of a proxy
// goes to that proxy's port (S25).
func proxyPort(e *Evidence) (f finding) {
	how, proxy, _ := e.told()
	if !proxied(how) {
		f.missing("the client was not told of a proxy")
		return f
	}
	for _, d := range e.dials() {
		if hostOf(d.address) != hostOf(proxy) {
			continue // not the proxy at all: route.no-direct-attempt
		}
		if d.address != proxy {
			f.fail(nil, "at %s the client connected to %s; its proxy is %s", clock(d.at), d.address, proxy)
			continue
		}
		f.ok()
	}
	f.missing("the client never connected to its proxy")
	return f
}
