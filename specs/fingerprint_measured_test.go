package specs

// measured is what the goproxy library was seen to do when it stood alone, by
// trait. What our profile of it does otherwise it has to confess. The other
// products are run: see fingerprint_real_test.go.
func measured() map[string]map[string]string {
	const (
		freshEmpty, freshBody   = "dropped before the answer, FIN, fresh, empty POST", "dropped before the answer, RST, fresh, POST with body"
		reusedEmpty, reusedBody = "dropped before the answer, FIN, reused, empty POST", "dropped before the answer, FIN, reused, POST with body"
		head                    = "dropped in its head, FIN, fresh, empty POST"
		bodyFIN, bodyRST        = "dropped in its body, FIN, fresh, POST with body", "dropped in its body, RST, fresh, POST with body"
		oldKept, oldProxyKept   = "HTTP/1.0, Connection: keep-alive", "HTTP/1.0, Proxy-Connection: keep-alive"
		short                   = "200, 20 bytes, cut"
	)
	return map[string]map[string]string{
		"goproxy-plain": {
			"origin-form": "200", "request fields added": "accept-encoding cache-control", "request fields removed": "connection proxy-connection",
			"answer fields added": "date", "request names": "canonical", "answer names": "canonical", "client connection": "kept", "upstream connections": "shared by all clients",
			oldKept: "kept, HTTP/1.0", oldProxyKept: "closed, HTTP/1.0", "HTTP/1.0 upstream": "HTTP/1.1",
			freshEmpty: "500", freshBody: "500", reusedEmpty: "500", reusedBody: "500", head: "500", bodyFIN: short, bodyRST: short,
			"chunked answer cut, FIN": "200", "stray 100 Continue": "swallowed", "pipelining": "both answered", "origin refuses": "500",
			"client leaves in flight": "cancelled upstream", "idle client connection": "kept",
		},
	}
}
