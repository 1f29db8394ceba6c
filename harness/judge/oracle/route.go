package oracle

import (
	"bytes"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/proxies/http1"
)

// How a client can be told to reach the gateway.
const (
	toldDirect  = "direct"
	toldConnect = "connect proxy"
	toldSocks4  = "socks4 proxy"
	toldSocks4a = "socks4a proxy"
	toldSocks5  = "socks5 proxy"
	toldOff     = "proxy switched off"
)

// proxied tells whether a client was told of a proxy that it is to use, of
// whatever kind.
func proxied(how string) bool { return strings.HasSuffix(how, " proxy") }

// told is the route that the client was configured with; ok is false if the
// history does not say.
func (e *Evidence) told() (how, proxy string, ok bool) {
	for i := range e.Events {
		if ev := &e.Events[i]; ev.Kind == history.Configured {
			return ev.How, ev.ID, true
		}
	}
	return "", "", false
}

// dial is one attempt of the client's to connect.
type dial struct {
	at      time.Duration
	address string
	failed  string // why, "" if it came about
}

func (e *Evidence) dials() []dial {
	var list []dial
	for i := range e.Events {
		ev := &e.Events[i]
		if ev.Kind != history.Dialled {
			continue
		}
		d := dial{at: ev.At, address: ev.ID}
		if ev.How != "connected" {
			d.failed = ev.How
		}
		list = append(list, d)
	}
	return list
}

// asksForTunnel tells whether an exchange is with the proxy alone: the CONNECT
// of a client that was told to make one, or that logs in, which is by TLS.
func (e *Evidence) asksForTunnel(x *history.Exchange) bool {
	if how, _, _ := e.told(); how == toldConnect {
		return isConnect(x) || x.Ordinal == 0 // cut before it could be read
	}
	return isConnect(x) && strings.HasSuffix(http1.Target(x.Head), ":443")
}

func isConnect(x *history.Exchange) bool { return bytes.HasPrefix(x.Head, []byte("CONNECT ")) }

// tunnelled tells whether a connection ended in a tunnel.
func (e *Evidence) tunnelled(number int) bool {
	for _, c := range e.Connections {
		if n := len(c.Exchanges); c.Number == number && n > 0 {
			return isConnect(c.Exchanges[n-1])
		}
	}
	return false
}
