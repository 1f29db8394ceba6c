package fingerprint

// probe sees one trait.
type probe struct {
	name string
	idle bool // watches idle connections
	see  func(*probes) string
}

// suite is all probes, in order.
func suite() []probe {
	all := []probe{
		{name: "absolute-form", see: absoluteForm},
		{name: "origin-form", see: originForm},
		{name: "CONNECT", see: connect},
		{name: "credentials", see: asksForCredentials},
		{name: "request fields added", see: upstream(added)},
		{name: "request fields removed", see: upstream(removed)},
		{name: "request names", see: upstream(names)},
		{name: "request order", see: upstream(order)},
		{name: "request Connection", see: upstream(connectionField)},
		{name: "request Host", see: requestHost},
		{name: "answer fields added", see: downstream(added)},
		{name: "answer fields removed", see: downstream(removed)},
		{name: "answer fields changed", see: downstream(changed)},
		{name: "answer names", see: downstream(names)},
		{name: "client connection", see: clientConnection},
		{name: "upstream connections", see: upstreamConnections},
		{name: "HTTP/1.0, Connection: keep-alive", see: oldKeepAlive("Connection")},
		{name: "HTTP/1.0, Proxy-Connection: keep-alive", see: oldKeepAlive("Proxy-Connection")},
		{name: "HTTP/1.0 upstream", see: oldUpstream},
		{name: "HTTP/1.1 upstream", see: newUpstream},
		{name: "HTTP/1.0 answer", see: framing("old")},
		{name: "chunked answer", see: framing("chunked")},
		{name: "chunked answer cut, FIN", see: chunkedCut},
		{name: "chunked request", see: chunkedRequest},
		{name: "pipelining", see: pipelining},
		{name: "stray 100 Continue", see: strayContinue},
		{name: "Expect: 100-continue", see: expectation},
		{name: "one POST", see: onePost},
		{name: "the same POST again", see: twice("", "")},
		{name: "same path, other query", see: twice("?a=1", "?a=2")},
		{name: "client leaves in flight", see: clientLeaves},
		{name: "origin refuses", see: refusal},
	}
	all = append(all, drops()...)
	return append(all,
		probe{name: "dropped each time, POST with body", see: drop("always-FIN", false, "abc")},
		probe{name: "idle client connection", idle: true, see: idleClient},
		probe{name: "idle upstream connection", idle: true, see: idleUpstream})
}
