package oracle

// proxySwitch holds that a proxy which is given but switched off is left alone
// (S33), and one that is switched on is used.
func proxySwitch(e *Evidence) (f finding) {
	how, proxy, _ := e.told()
	if proxy == "" {
		f.missing("no proxy was given")
		return f
	}
	for _, d := range e.dials() {
		switch {
		case how == toldOff && d.address == proxy:
			f.fail(nil, "at %s the client connected to the proxy %s, which is switched off", clock(d.at), proxy)
		case how == toldOff, d.address == proxy:
			f.ok()
		}
	}
	f.missing("the client never connected")
	return f
}
