package oracle

// noSOCKS holds that a client speaks HTTP to an HTTP proxy (S28, S29).
func noSOCKS(e *Evidence) (f finding) {
	if how, _, _ := e.told(); how != toldProxy {
		f.missing("the client was not told of a proxy")
		return f
	}
	for _, c := range e.Connections {
		switch {
		case len(c.Opaque) > 0 && (c.Opaque[0] == 4 || c.Opaque[0] == 5):
			f.fail(nil, "connection %d begins with a SOCKS%d greeting (% x)", c.Number, c.Opaque[0], c.Opaque[:min(8, len(c.Opaque))])
		case len(c.Exchanges) > 0:
			f.ok()
		}
	}
	f.missing("nothing was sent to the proxy")
	return f
}
