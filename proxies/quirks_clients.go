package proxies

import (
	"bytes"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strings"
)

// What closes-after-answer may say.
const (
	announced = "announced"
	silently  = "silently"
)

// clientQuirks are about who is served, and about the connections of clients.
func clientQuirks() []Quirk { //nolint:funlen // a table
	return []Quirk{
		// The connection stays open for another try.
		{
			Word: basicWord, Kinds: []Kind{Forward, TLS, Connect},
			Help: "a request without these credentials in Proxy-Authorization (RFC 7617) gets a 407 that asks for them",
			effect: takes(text(isLogin, "user:password"), func(b *behaviour, login string) {
				b.login = login
				b.admit = append(b.admit, func(x *exchange, r *http.Request) bool { return admitsBasic(x, r, login) })
			}),
		},
		{
			Word: loginWord, Kinds: []Kind{Socks4, Socks4a, Socks5},
			Help:   "a SOCKS client that does not give this is turned away; SOCKS 4 has no passwords, there the user alone must match",
			effect: takes(text(isWord, "user or user:password"), func(b *behaviour, login string) { b.login = login }),
		},
		{
			Word: "client-idle", Kinds: []Kind{Forward, TLS, Intercept, Portal},
			Help: "closes a client's connection on which nothing happened for D since the last answer, silently or as each answer announces by Keep-Alive: timeout=",
			effect: takes(optional(duration(), announced), func(b *behaviour, idle idleTime) {
				b.clientIdle = idle.value
				b.answer = append(b.answer, func(resp *http.Response) { announceIdle(resp.Header, idle) })
			}),
		},
		{
			Word: "closes-after-answer", Kinds: []Kind{Forward, TLS, Intercept, Portal},
			Help: "ends the client's connection after each answer, with Connection: close in the answer or without a word",
			effect: takes(choice(announced, silently), func(b *behaviour, how string) {
				if how == announced {
					b.closes = append(b.closes, func(*http.Request) bool { return true })
					return
				}
				b.answered = append(b.answered, func(c *clientConn) { _ = c.Close() }) // the client may have been faster
			}),
		},
		{
			Word: "closes-old",
			Help: "closes the connection of an HTTP/1.0 client even if it asks for keep-alive",
			effect: does(func(b *behaviour) {
				b.closes = append(b.closes, func(r *http.Request) bool { return !r.ProtoAtLeast(1, 1) })
			}),
		},
		// No standard knows the field; old browsers and clients send nothing else.
		{
			Word:   "heeds-proxy-connection",
			Help:   "takes Proxy-Connection for Connection, so that an HTTP/1.0 client is kept that asks by it alone",
			effect: does(func(b *behaviour) { b.readHead = append(b.readHead, heedProxyConnection) }),
		},
		{
			Word:   "loses-pipelined",
			Help:   "drops what comes after a request before that is answered, and its sender waits for ever",
			effect: does(func(b *behaviour) { b.losesPipelined = true }),
		},
		{
			Word:   "cancels",
			Help:   "breaks an exchange off upstream as soon as the client leaves, as goproxy does",
			effect: does(func(b *behaviour) { b.cancels = true }),
		},
		{
			Word: "takes-origin-form", Kinds: []Kind{Forward, TLS},
			Help:   "sends a request without a URL to its Host, as most servers do that double as proxies",
			effect: does(func(b *behaviour) { b.takesOriginForm = true }),
		},
		{
			Word: "redirects", Kinds: []Kind{Portal},
			Help:   "a portal answers with a 302 to its page in the page's place",
			effect: does(func(b *behaviour) { b.redirects = true }),
		},
	}
}

// admitsBasic reports whether the request may go on; if not it was answered. Who
// is in an opened tunnel has shown who it is.
func admitsBasic(x *exchange, r *http.Request, wanted string) bool {
	if x.client.opened != "" || proves(r.Header.Get("Proxy-Authorization"), wanted) {
		return true
	}
	x.w.Header().Set("Proxy-Authenticate", `Basic realm="gauntlet"`)
	http.Error(x.w, http.StatusText(http.StatusProxyAuthRequired), http.StatusProxyAuthRequired)
	return false
}

func proves(given, wanted string) bool {
	scheme, encoded, _ := strings.Cut(given, " ")
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	return err == nil && strings.EqualFold(scheme, "Basic") && subtle.ConstantTimeCompare(decoded, []byte(wanted)) == 1
}

// heedProxyConnection is the head in which net/http finds what it looks for.
// The box goes by its own copy of the head as it came.
func heedProxyConnection(head []byte) []byte {
	h := parseHead(head)
	if h.has("Connection") || !h.has("Proxy-Connection") {
		return head
	}
	return editLines(head, func(line []byte) []byte {
		if name := "proxy-connection:"; len(line) > len(name) && bytes.EqualFold(line[:len(name)], []byte(name)) {
			return line[len("proxy-"):]
		}
		return line
	})
}

// editLines has change replace each line of a head; nil removes it.
func editLines(head []byte, change func(line []byte) []byte) []byte {
	var out []byte
	for line := range bytes.Lines(head) {
		out = append(out, change(line)...)
	}
	return out
}
