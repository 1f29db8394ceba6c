package trace

import (
	"bytes"
	"net"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/proxies/http1"
)

// How a client can be told to reach the gateway.
const (
	Direct  = "direct"
	Connect = "connect proxy"
	Socks4  = "socks4 proxy"
	Socks4a = "socks4a proxy"
	Socks5  = "socks5 proxy"
	Off     = "proxy switched off"
	NoFile  = "file missing" // that would have told
)

// Route is how the client was told to reach the gateway.
type Route struct {
	How     string   // empty if the history does not say
	Proxy   string   // its address, if there is one
	Gateway string   // its name
	File    string   // URL of the file that says so; "" if the client was told itself
	Named   []string // the proxies that the file names, in its order
	Told    bool     // the history says all this
}

// Proxied reports whether the client is to use a proxy, of whatever kind.
func (r Route) Proxied() bool { return strings.HasSuffix(r.How, " proxy") }

// Names reports whether a proxy is one that the client may go by.
func (r Route) Names(proxy string) bool { return proxy == r.Proxy || slices.Contains(r.Named, proxy) }

// asksForTunnel reports whether an exchange is with the proxy alone: the CONNECT
// of a client that was told to make one, or that logs in, which is by TLS.
func (r Route) asksForTunnel(x *history.Exchange) bool {
	if r.How == Connect {
		return AsksForTunnel(x) || x.Ordinal == 0 // cut before it could be read
	}
	return AsksForTunnel(x) && strings.HasSuffix(http1.Target(x.Head), ":443")
}

// AsksForTunnel reports whether an exchange is a CONNECT.
func AsksForTunnel(x *history.Exchange) bool { return bytes.HasPrefix(x.Head, []byte("CONNECT ")) }

// Tunnelled reports whether a connection ended in a tunnel.
func (t *Trace) Tunnelled(conn int) bool {
	c := t.Connection(conn)
	return c != nil && len(c.Exchanges) > 0 && AsksForTunnel(c.Exchanges[len(c.Exchanges)-1])
}

// Connection is the one at hop 0 with that number; nil if there is none.
func (t *Trace) Connection(number int) *history.Connection { return t.connections[number] }

// Bare is a host without the default port, of http or of https.
func Bare(authority string) string {
	return strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(authority), ":80"), ":443")
}

// HostOf is an address without its port, if it has one.
func HostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

// Dial is one attempt of the client's to connect.
type Dial struct {
	At      time.Duration
	Address string
	Failed  string // why, "" if it came about
}

func dialOf(ev *history.Event) Dial {
	d := Dial{At: ev.At, Address: ev.ID}
	if ev.How != "connected" {
		d.Failed = ev.How
	}
	return d
}

// failedAttempts are the times, in order, of attempts to reach the gateway that came to
// nothing before a request was answered: refused, turned away, or barren.
func (t *Trace) failedAttempts() []time.Duration {
	times := t.Fruitless()
	for _, d := range t.Dials {
		if d.Failed != "" {
			times = append(times, d.At)
		}
	}
	slices.Sort(times)
	return times
}

// Fruitless are the times at which hop 0 refused a connection, or accepted one
// that ended without an answer of the gateway's to anything that was said on it:
// no tunnel was made, or what was asked went nowhere. On real sockets a refused
// connection is one that was accepted and reset: the dial itself came about. A
// tunnel in which a login service has answered bore fruit, too.
func (t *Trace) Fruitless() (times []time.Duration) {
	served := map[int]bool{}
	for _, r := range t.Requests {
		served[r.Conn] = served[r.Conn] || r.Served()
	}
	for i := range t.Events {
		switch ev := &t.Events[i]; {
		case ev.From != history.AtHop || ev.Hop != 0:
		case ev.Kind == history.Refused:
			times = append(times, ev.At)
		case ev.Kind == history.Opaque, ev.Kind == history.OpaqueRest:
			served[ev.Conn] = served[ev.Conn] || ev.By == "box" && secured(ev.Data)
		}
	}
	for _, c := range t.Connections {
		turnedAway := !c.Carried() && c.By == "box" && c.How == "RST"
		if turnedAway || c.Carried() && c.Closed >= 0 && !served[c.Number] {
			times = append(times, c.Accepted)
		}
	}
	return times
}

// secured reports whether bytes begin with a record of TLS that goes on with it:
// a handshake or data, and no alert.
func secured(data []byte) bool {
	return len(data) > 1 && (data[0] == 0x16 || data[0] == 0x17) && data[1] == 3
}

// CutOffUntil is the time of the last in an unbroken series of failed attempts
// after at, with no pause longer than that, or the end of a sleep: until then the
// client could do nothing else.
func (t *Trace) CutOffUntil(at, pause time.Duration) time.Duration {
	for _, s := range t.Asleep {
		if s.From <= at+pause && s.To > at {
			at = s.To
		}
	}
	next, _ := slices.BinarySearch(t.FailedAttempts, at+1)
	for _, tried := range t.FailedAttempts[next:] {
		if tried > at+pause {
			break
		}
		at = tried
	}
	return at
}
