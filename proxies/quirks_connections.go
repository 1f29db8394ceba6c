package proxies

import (
	"bytes"
	"fmt"
	"net/http"
	"time"
)

// connectionQuirks are about the connections upstream. The faithful box dials
// from one address, keeps every connection that it ever needed at once, for
// ever, and shares them among all its clients.
func connectionQuirks() []Quirk {
	return []Quirk{
		{
			Word: egressWord, Kinds: []Kind{Forward, TLS, Intercept, Connect, Relay, Socks4, Socks4a, Socks5},
			Help:   "dials from that many addresses in turn, as the routers of a carrier do",
			effect: takes(number(2, 100), func(b *behaviour, n int) { b.addresses = n }),
		},
		// Whether the server is told so is another quirk: says-connection close.
		{
			Word: "fresh-upstream",
			Help: "gives each request a connection of its own, which ends with the answer",
			effect: does(func(b *behaviour) {
				b.forwarded = append(b.forwarded, func(_ *exchange, r *http.Request) { r.Close = true })
				b.generatedHead = append(b.generatedHead, hideEnd)
			}),
		},
		{
			Word:   "pool-bound",
			Help:   "a connection upstream serves the requests of one client connection, and ends with it",
			effect: does(func(b *behaviour) { b.poolBound = true }),
		},
		{
			Word:   "pool-per-host",
			Help:   "keeps so many idle connections to a server at most; two is net/http's own habit",
			effect: takes(number(1, 10000), func(b *behaviour, n int) { b.pooled = n }),
		},
		{
			Word: "upstream-idle",
			Help: "closes a pooled connection on which nothing happened for D since the last answer, silently or as each request announces by Keep-Alive: timeout=",
			effect: takes(optional(duration(), announced), func(b *behaviour, idle idleTime) {
				b.upstreamIdle = idle.value
				b.forwarded = append(b.forwarded, func(_ *exchange, r *http.Request) { announceIdle(r.Header, idle) })
			}),
		},
		{
			Word: "upstream-timeout", Kinds: []Kind{Forward, TLS, Intercept, Connect, Socks4, Socks4a, Socks5},
			Help:   "grants a dial, and an answer until it begins, this time; what takes longer is a 504",
			effect: takes(duration(), func(b *behaviour, d time.Duration) { b.patience = d }),
		},
	}
}

// idleTime is how long an idle connection lives, and whether that is announced.
type idleTime = with[time.Duration]

func announceIdle(h http.Header, idle idleTime) {
	if idle.word {
		h["Keep-Alive"] = []string{fmt.Sprintf("timeout=%d", int(idle.value.Seconds()))}
	}
}

// hideEnd takes away the field by which net/http tells the server that the
// connection ends.
func hideEnd(x *exchange, head []byte) []byte {
	if x.saysEnd {
		return head
	}
	return bytes.Replace(head, []byte("\r\nConnection: close\r\n"), []byte("\r\n"), 1)
}
