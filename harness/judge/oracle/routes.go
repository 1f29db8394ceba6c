package oracle

import (
	"net/http"
	"slices"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/proxies/http1"
)

// proxyPort holds that each connection of a client which is told of a proxy
// goes to that proxy's port (S25).
func proxyPort(t *trace.Trace) (f Assessment) {
	proxy := t.Route.Proxy
	if !t.Route.Proxied() {
		f.Missing("the client was not told of a proxy")
		return f
	}
	for _, d := range t.Dials {
		if trace.HostOf(d.Address) != trace.HostOf(proxy) || d.Address != proxy && t.Route.Names(d.Address) {
			continue // not the proxy at all: route.no-direct-attempt
		}
		if d.Address != proxy {
			f.Fail(nil, "at %s the client connected to %s; its proxy is %s", Clock(d.At), d.Address, proxy)
			continue
		}
		f.OK()
	}
	f.Missing("the client never connected to its proxy")
	return f
}

// proxySwitch holds that a proxy which is given but switched off is left alone
// (S33), and one that is switched on is used.
func proxySwitch(t *trace.Trace) (f Assessment) {
	how, proxy := t.Route.How, t.Route.Proxy
	if proxy == "" {
		f.Missing("no proxy was given")
		return f
	}
	for _, d := range t.Dials {
		switch {
		case how == trace.Off && d.Address == proxy:
			f.Fail(nil, "at %s the client connected to the proxy %s, which is switched off", Clock(d.At), proxy)
		case how == trace.Off, d.Address == proxy:
			f.OK()
		}
	}
	f.Missing("the client never connected")
	return f
}

// noDirectAttempt holds that the client makes no attempt but the one that it
// was told to make (S34): not past the proxy, and never at the own port of the servers behind the
// gateway.
func noDirectAttempt(t *trace.Trace) (f Assessment) {
	proxy := t.Route.Proxy
	for _, d := range t.Dials {
		switch {
		case !t.Route.Told:
		case t.Route.Proxied() && trace.HostOf(d.Address) != trace.HostOf(proxy) && !t.Route.Names(d.Address):
			f.Fail(nil, "at %s the client tried to connect to %s, past its proxy %s", Clock(d.At), d.Address, proxy)
		case strings.HasSuffix(d.Address, ":"+t.Words.OwnPort):
			f.Fail(nil, "at %s the client tried to connect to %s: %s's own port, where it was told to use HTTP", Clock(d.At), d.Address, t.Words.Protocol)
		default:
			f.OK()
		}
	}
	f.Missing("no attempt to connect was seen")
	return f
}

// noSOCKS holds that a client speaks to its proxy what its settings say: HTTP to
// an HTTP proxy, SOCKS of the right version to a SOCKS proxy (S28, S29).
func noSOCKS(t *trace.Trace) (f Assessment) {
	how := t.Route.How
	if !t.Route.Proxied() {
		f.Missing("the client was not told of a proxy")
		return f
	}
	version := map[string]byte{trace.Socks4: 4, trace.Socks4a: 4, trace.Socks5: 5}[how]
	for _, c := range t.Connections {
		switch spoken := greetingOf(c); {
		case spoken != version && spoken == 0 && speaksHTTP(c):
			f.Fail(nil, "connection %d begins with HTTP; the client was told of %s", c.Number, article(how))
		case spoken != version && spoken != 0:
			f.Fail(nil, "connection %d begins with a SOCKS%d greeting (% x); the client was told of %s", c.Number, spoken, c.Opaque[:min(8, len(c.Opaque))], article(how))
		case spoken != 0 || speaksHTTP(c):
			f.OK()
		}
	}
	f.Missing("nothing was sent to the proxy")
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

// givesCredentials holds that each request by way of a box that asks for a name
// and a password carries them (RFC 9110, 11.7). Who waits to be asked may leave
// them out of the first request on a connection, and not of the one after that. Where
// the box asks for digests instead, showsFresh judges them.
func givesCredentials(t *trace.Trace) (f Assessment) {
	if asksOtherwise(t) {
		return showsFresh(t)
	}
	if t.Credentials == "" || !t.Route.Proxied() || strings.HasPrefix(t.Route.How, "socks") {
		f.Missing("no HTTP proxy asks the client for a name and a password")
		f.moot = true
		return f
	}
	used, tunnels, waits := map[int]bool{}, map[int]bool{}, false
	for _, x := range history.InOrder(t.Connections) {
		asks := trace.AsksForTunnel(x)
		if x.Ordinal == 0 || !asks && (t.Route.How == trace.Connect || tunnels[x.Conn]) {
			continue
		}
		tunnels[x.Conn] = asks && x.Status == http.StatusOK
		head := http1.Parse(x.Head)
		given := head.Get("Proxy-Authorization")
		switch first := !used[x.Conn]; {
		case basic(given) == t.Credentials:
			f.OK()
			waits = false
		case given != "":
			f.Fail([]int{x.Ordinal}, "request %d has other credentials than the proxy wants", x.Ordinal)
		case !first || waits:
			f.Fail([]int{x.Ordinal}, "request %d has no Proxy-Authorization, which the proxy asks of each request", x.Ordinal)
		default:
			waits = true
		}
		used[x.Conn] = true
	}
	f.Missing("no request reached the proxy that asks for credentials")
	return f
}

// checksCertificate holds that a client sends nothing to a server whose certificate it may
// not take for the gateway's (RFC 9110, section 4.3.4).
func checksCertificate(t *trace.Trace) (f Assessment) {
	f = Moot()
	if t.Distrusted == "" {
		return f
	}
	for _, x := range beyondTunnels(t) {
		f.Fail([]int{x.Ordinal}, "request %d went to a server whose certificate %s", x.Ordinal, t.Distrusted)
	}
	f.okIf(sawCertificate(t))
	f.Missing("the client never came to see the certificate")
	return f
}

// sawCertificate reports whether the client met a certificate that is not to be trusted:
// it ended the handshake, or went on.
func sawCertificate(t *trace.Trace) bool {
	ended := func(ev history.Event) bool {
		return ev.Kind == history.HandshakeFailed && ev.From == history.AtGateway
	}
	return t.Distrusted != "" && (len(beyondTunnels(t)) > 0 || slices.ContainsFunc(t.Events, ended))
}

// beyondTunnels are the exchanges but for those that ask for a tunnel.
func beyondTunnels(t *trace.Trace) []*history.Exchange {
	return slices.DeleteFunc(history.InOrder(t.Connections), trace.AsksForTunnel)
}

// basic is the name and password of a field's value; "" if there are none in it.
func basic(value string) string {
	r := http.Request{Header: http.Header{"Authorization": {value}}}
	user, password, ok := r.BasicAuth()
	if !ok {
		return ""
	}
	return user + ":" + password
}

// intercepted holds that a proxy which the client knows nothing of can serve
// its requests: each names its host, and with one voice (S31, S32).
func intercepted(t *trace.Trace) (f Assessment) {
	for _, r := range redirected(t) {
		authority := r.Asked.Authority
		host := r.Fields.Get("Host")
		switch {
		case host == "" && authority == "":
			f.Fail([]int{r.Ordinal}, "request %d names no host", r.Ordinal)
		case host != "" && authority != "" && trace.Bare(host) != trace.Bare(authority):
			f.Fail([]int{r.Ordinal}, "request %d names two hosts: %q in its target, %q in Host", r.Ordinal, authority, host)
		case r.Served():
			f.OK()
		}
	}
	f.Missing("no request was answered by way of an intercepting proxy")
	return f
}

// redirected are the requests on connections that the network brought to
// another listener than was dialled.
func redirected(t *trace.Trace) (requests []*trace.Request) {
	taken := map[int]bool{}
	for i := range t.Events {
		ev := &t.Events[i]
		if ev.From == history.AtHop && ev.Hop == 0 && ev.Kind == history.Accepted && ev.ID != "" {
			taken[ev.Conn] = true
		}
	}
	for _, r := range t.Requests {
		if taken[r.Conn] {
			requests = append(requests, r)
		}
	}
	return requests
}

// withoutProxy holds that a client which is told of no proxy, or to leave it,
// is served (S30).
func withoutProxy(t *trace.Trace) (f Assessment) {
	if how := t.Route.How; how != trace.Direct && how != trace.Off {
		f.Missing("the client was told to use a proxy")
		return f
	}
	for _, r := range t.Requests {
		if r.Served() {
			f.OK()
		}
	}
	switch {
	case f.checked > 0:
	case !seen(t):
		f.Missing("nothing was seen of the client")
	case t.End() > requirement.BackMust, len(t.Requests) == 0 && gaveUp(t):
		f.Fail(nil, "in %s no request was answered", Clock(t.End()))
	case t.End() > t.ComeBack:
		f.Slip(nil, "in %s no request was answered", Clock(t.End()))
	default:
		f.Missing("no request was answered, but the run was short")
	}
	return f
}

// seen reports whether the client connected, tried to, or said anything: one that
// never got so far on a busy machine shows nothing of its ways.
func seen(t *trace.Trace) bool {
	return len(t.Connections) > 0 || len(t.Dials) > 0 || t.Speaks()
}

// gaveUp reports whether a step failed.
func gaveUp(t *trace.Trace) bool {
	return slices.ContainsFunc(t.Events, func(ev history.Event) bool { return ev.Kind == history.StepFailed })
}
