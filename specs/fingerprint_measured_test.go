package specs

// measured is what real products were seen to do, on this project's own probes,
// as far as it was noted down: by profile and trait. What a profile does
// otherwise it has to confess.
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
		"squid": {
			"absolute-form": "200, origin-form upstream", "origin-form": "400, not delivered",
			"request fields added": "cache-control via x-forwarded-for", "request fields removed": "proxy-connection",
			"request Connection": "keep-alive", "answer fields added": "date via x-cache x-cache-lookup", "answer fields removed": "-",
			"request names": "kept", "answer names": "kept", "client connection": "kept", "upstream connections": "one for each request",
			oldKept: "kept, HTTP/1.1", oldProxyKept: "kept, HTTP/1.1", "HTTP/1.0 upstream": "HTTP/1.1",
			freshEmpty: "502", freshBody: "502", reusedEmpty: "502", reusedBody: "502", head: "502", bodyFIN: short, bodyRST: short,
			"stray 100 Continue": "passed on", "pipelining": "both answered", "origin refuses": "503", "client leaves in flight": "goes on upstream",
		},
		"tinyproxy": {
			"origin-form": "200 and closed", "request fields added": "via", "request Connection": "close", "answer fields added": "via", "answer fields removed": "connection",
			"request names": "kept", "client connection": "closed silently", "upstream connections": "one for each request",
			oldKept: "closed, HTTP/1.0", oldProxyKept: "closed, HTTP/1.0", "HTTP/1.0 upstream": "HTTP/1.0",
			freshEmpty: "cut", freshBody: "cut", head: "503 and closed", bodyFIN: short, bodyRST: short,
			"stray 100 Continue": "passed on", "pipelining": "second lost", "origin refuses": "500 and closed", "idle client connection": "closed at once",
			"client leaves in flight": "goes on upstream",
		},
		"privoxy": {
			"origin-form": "200", "request fields added": "-", "request fields removed": "proxy-connection", "request Connection": "Keep-Alive",
			"answer fields added": "proxy-connection", "client connection": "kept", "upstream connections": "shared by all clients",
			"HTTP/1.0 upstream": "HTTP/1.0", freshEmpty: "502 and closed", freshBody: "502 and closed", reusedEmpty: "cut", reusedBody: "cut",
			head: "502", bodyFIN: short, bodyRST: short, "stray 100 Continue": "passed on", "pipelining": "second lost", "idle client connection": "closed after 5s",
		},
		"haproxy": {
			"absolute-form": "200, absolute-form upstream", "origin-form": "200", "request fields added": "x-forwarded-for", "request fields removed": "connection",
			"request Connection": "none", "answer fields removed": "connection", "request names": "lower case", "answer names": "lower case",
			"client connection": "kept", "upstream connections": "bound to a client connection", "HTTP/1.0 upstream": "HTTP/1.0",
			freshEmpty: "502", freshBody: "502", reusedEmpty: "cut", reusedBody: "cut", head: "502", "dropped in its head, FIN, reused, empty POST": "cut",
			bodyFIN: short, bodyRST: short, "stray 100 Continue": "passed on", "pipelining": "both answered", "origin refuses": "503", "idle client connection": "closed after 5s",
		},
		"haproxy-retrying": {
			freshEmpty: "200, delivered twice", freshBody: "200, delivered twice", reusedEmpty: "200, delivered twice", reusedBody: "200, delivered twice",
			"dropped each time, POST with body": "502, delivered 4 times", "one POST": "delivered once",
		},
		"nginx": {
			"origin-form": "200", "request fields added": "-", "request fields removed": "-", "request Connection": "close", "request Host": "gw",
			"answer fields added": "date", "answer fields changed": "server", "request names": "kept", "client connection": "kept", "upstream connections": "one for each request",
			"HTTP/1.0 upstream": "HTTP/1.0", freshEmpty: "502", freshBody: "502", reusedEmpty: "502", reusedBody: "502", head: "502",
			bodyFIN: short, bodyRST: "200, 0 bytes, cut", "stray 100 Continue": "passed on", "pipelining": "both answered", "origin refuses": "502",
		},
		"nginx-keepalive": {
			"request fields removed": "connection", "request Connection": "none", "upstream connections": "shared by all clients", "HTTP/1.0 upstream": "HTTP/1.1",
			reusedEmpty: "502", reusedBody: "502", bodyRST: "200, 0 bytes, cut", "stray 100 Continue": "nothing",
		},
		"nginx-non-idempotent": {reusedBody: "200, delivered twice", freshEmpty: "200, delivered twice", "origin refuses": "502"},
		"varnish": {
			"origin-form": "200", "request fields added": "x-forwarded-for x-varnish", "request fields removed": "connection", "answer fields added": "age date via x-varnish",
			"request names": "kept", "client connection": "kept", "upstream connections": "shared by all clients", "HTTP/1.0 upstream": "HTTP/1.1",
			freshEmpty: "503", freshBody: "503", reusedEmpty: "200, delivered twice", reusedBody: "503", head: "503", bodyFIN: short, bodyRST: "200, 0 bytes, cut",
			"stray 100 Continue": "503", "origin refuses": "503", "idle client connection": "closed after 5s",
		},
		"mitmproxy": {
			"origin-form": "200", "request fields added": "-", "request fields removed": "-", "answer fields added": "-", "answer fields removed": "-",
			"client connection": "kept", "upstream connections": "bound to a client connection", oldKept: "closed, HTTP/1.0", oldProxyKept: "closed, HTTP/1.0",
			"HTTP/1.0 upstream": "HTTP/1.0", freshEmpty: "502 and closed", reusedBody: "502", bodyFIN: "502 and closed", bodyRST: "502 and closed",
			"stray 100 Continue": "passed on, then nothing", "idle client connection": "kept",
		},
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
