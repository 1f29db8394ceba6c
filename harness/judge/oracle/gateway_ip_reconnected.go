package oracle

import "time"

// gatewayIPReconnected holds that a client without a proxy which connects anew
// for a session connects to its newest GW-IP (S44).
func gatewayIPReconnected(e *Evidence) (f finding) {
	how, proxy, _ := e.told()
	dials, connections := e.connected(), e.Connections
	if proxied(how) || len(dials) != len(connections) {
		f.missing("the client was told to use a proxy, or its connections cannot be told apart")
		return f
	}
	for i, c := range connections {
		if len(c.Exchanges) == 0 || i == 0 {
			continue
		}
		r := e.request(c.Exchanges[0].Ordinal)
		host := e.newestHost(r, c.Exchanges[0].Began)
		switch {
		case host == "", dials[i].address == proxy: // one that is off: for route.switch
		case bare(dials[i].address) == host:
			f.ok()
		default:
			f.fail([]int{r.Ordinal}, "connection %d for request %d went to %s; the newest whole answer had GW-IP %q", c.Number, r.Ordinal, dials[i].address, host)
		}
	}
	f.missing("the client connected once for each session")
	return f
}

// connected are the dials that came about.
func (e *Evidence) connected() []dial {
	var list []dial
	for _, d := range e.dials() {
		if d.failed == "" {
			list = append(list, d)
		}
	}
	return list
}

func (e *Evidence) request(ordinal int) *Request {
	for _, r := range e.Requests {
		if r.Ordinal == ordinal {
			return r
		}
	}
	return nil
}

// newestHost is the GW-IP of the newest whole answer of r's session before at.
func (e *Evidence) newestHost(r *Request, at time.Duration) string {
	host := ""
	if r == nil || r.Session == nil {
		return ""
	}
	for _, x := range r.Session.Requests {
		if x.Served() && x.Ended < at && x.Header.GatewayIP != "" {
			host = bare(x.Header.GatewayIP)
		}
	}
	return host
}
