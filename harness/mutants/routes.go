package mutants

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/run/adapter"
	"gauntlet/proxies"
	"gauntlet/proxies/http1"
)

// directFirst knocks at MSNP's own port before it uses HTTP.
var directFirst = Mutant{
	Name:     "direct-first",
	Defect:   "tries a direct connection to port 1863 first",
	Violates: "route.no-direct-attempt",
	Seen:     "the official client 5: always tries to connect directly first",
	Also:     []Collateral{{uncurbed, []requirement.ID{"connection.backs-off"}}, {elsewhere, []requirement.ID{"route.file-read"}}},
	New:      tampered(knock),
}

func knock(adapter.Setup) tamper {
	var once sync.Once
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		once.Do(func() {
			if conn, err := d(ctx, "messenger.hotmail.com:1863"); err == nil {
				_ = conn.Close() // it was not to be had here
			}
		})
		return d(ctx, address)
	}}
}

// firstAddress names the new gateway in its requests and sends them to the old
// one.
var firstAddress = Mutant{
	Name:     "first-address",
	Defect:   "connects to the first gateway again after it has moved",
	Violates: "gateway-ip.reconnected",
	Seen:     "libpurple 2, msn-pecan, Kopete, pymsn: change the URL and not the connection",
	Needs:    NeedsFault,
	Cases:    []string{"gateway-moves-poll-*"},
	New:      tampered(redialFirst),
}

func redialFirst(adapter.Setup) tamper {
	var once sync.Once
	var first string
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		once.Do(func() { first = address })
		return d(ctx, first)
	}}
}

// followsRedirect goes on where a portal sends it.
var followsRedirect = Mutant{
	Name:     "follows-redirect",
	Defect:   "goes on with its session at the host that a 302 names",
	Violates: "gateway-ip.followed",
	Seen:     "papyon: sends the same POST to the new host",
	Needs:    NeedsFault,
	Cases:    []string{"effect-redirect-poll-*"},
	Also: []Collateral{
		{swallowed, []requirement.ID{"close.says-out", "connection.backs-off", "connection.recovers", "command.carried-out", "command.not-lost", "answer.delivered"}},
		{fallsSilent, []requirement.ID{"poll.keeps-going"}},
	},
	New: onAnswers(follow),
}

func follow(a *answer) {
	asked := query(a.asked)
	to, err := url.Parse(a.field("Location"))
	if a.status() != 302 || err != nil || to.Host == "" || asked.SessionID == "" {
		return
	}
	a.head.SetStart("HTTP/1.1 200 OK")
	a.setSession(msnhttp.SessionHeader{SessionID: asked.SessionID, GatewayIP: to.Host})
	a.cutTo(0)
}

// greets its HTTP proxy as it would a SOCKS proxy, and tries HTTP when it gets no
// answer.
var greets = Mutant{
	Name:     "greets",
	Defect:   "begins with a SOCKS greeting to an HTTP proxy",
	Violates: "route.no-socks",
	Seen:     "the official client 5: its settings confuse HTTP and SOCKS proxies",
	Needs:    NeedsSetting,
	Cases:    []string{"route-port-3128"},
	Also:     []Collateral{{uncurbed, []requirement.ID{"connection.backs-off"}}},
	New:      tampered(greet),
}

func greet(s adapter.Setup) tamper {
	var once sync.Once
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		if s.Route.Kind == proxies.HTTPProxy {
			once.Do(func() { sayHello(ctx, d, address) })
		}
		return d(ctx, address)
	}}
}

// sayHello offers SOCKS5 without authentication. Nothing that comes of it is of
// interest.
func sayHello(ctx context.Context, d dialler, address string) {
	conn, err := d(ctx, address)
	if err != nil {
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = conn.Write([]byte{5, 1, 0})
	_, _ = conn.Read(make([]byte, 2))
}

// showsOnce takes a connection for one that is known by its first request, as with
// NTLM.
var showsOnce = Mutant{
	Name:     "shows-once",
	Defect:   "sends the proxy's password with the first request of each connection alone",
	Violates: "route.credentials",
	Needs:    NeedsSetting,
	Cases:    []string{"password-each-*"},
	Also:     []Collateral{{uncurbed, []requirement.ID{"connection.backs-off", "poll.keeps-going", "command.carried-out"}}},
	New:      tampered(showOnce),
}

func showOnce(adapter.Setup) tamper {
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		conn, err := d(ctx, address)
		if err != nil {
			return nil, err
		}
		return &onceShown{Conn: conn}, nil
	}}
}

type onceShown struct {
	net.Conn
	known bool
}

// Write sends a request, which the reference client writes in one go.
func (c *onceShown) Write(p []byte) (int, error) {
	sent := p
	if c.known && bytes.HasPrefix(p, []byte("POST ")) {
		sent = rehead(p, func(h *http1.Head) { h.Remove("Proxy-Authorization") })
	}
	c.known = true
	if _, err := c.Conn.Write(sent); err != nil {
		return 0, err
	}
	return len(p), nil
}

// ignoresGWIP stays where it opened its session.
var ignoresGWIP = Mutant{
	Name:     "ignores-gw-ip",
	Defect:   "ignores GW-IP",
	Violates: "gateway-ip.followed",
	Seen:     "BitlBee; Escargot's web client",
	New:      onAnswers(withoutGWIP),
}

func withoutGWIP(a *answer) {
	if h, ok := a.session(); ok {
		h.GatewayIP, h.HasGatewayIP = "", false
		a.setSession(h)
	}
}

// ignoresSwitch uses the proxy that it is given.
var ignoresSwitch = Mutant{
	Name:     "ignores-switch",
	Defect:   "uses a proxy that is switched off",
	Violates: "route.switch",
	Seen:     "the official client 5: ignores the setting to enable or disable a proxy",
	Needs:    NeedsSetting,
	Cases:    []string{"route-proxy-switched-off"},
	New:      newIgnoresSwitch,
}

func newIgnoresSwitch(s adapter.Setup) (adapter.Client, error) {
	if s.ProxyOff != "" {
		s.Route = proxies.Route{Kind: proxies.HTTPProxy, Proxy: s.ProxyOff}
	}
	return builtin.New()(s)
}

// namesNoServer leaves SNI out, and looks at the certificate all the same.
var namesNoServer = Mutant{
	Name:     "names-no-server",
	Defect:   "does not say by TLS which host it means",
	Violates: "command.carried-out",
	Needs:    NeedsSetting,
	Cases:    []string{"tls-by-name-*"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"route.without-proxy"}}},
	New: func(s adapter.Setup) (adapter.Client, error) {
		return builtin.New(func(o *client.Options) {
			if o.Secure != nil {
				o.Secure = unnamed(s.Trust)
			}
		})(s)
	},
}

func unnamed(trusted *x509.CertPool) client.Securing {
	return func(ctx context.Context, conn net.Conn, host string) (net.Conn, error) {
		c := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(state tls.ConnectionState) error {
			_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: trusted, DNSName: host})
			return err
		}})
		return c, c.HandshakeContext(ctx)
	}
}

// trustsAnybody wants TLS, and not to know with whom.
var trustsAnybody = Mutant{
	Name:     "trusts-anybody",
	Defect:   "takes whatever certificate a server shows",
	Violates: "route.certificate",
	Needs:    NeedsSetting,
	Cases:    []string{"certificate-*"},
	Also:     []Collateral{{elsewhere, []requirement.ID{"command.carried-out"}}},
	New: func(s adapter.Setup) (adapter.Client, error) {
		return builtin.New(func(o *client.Options) {
			if o.Secure != nil {
				o.Secure = unchecked
			}
		})(s)
	},
}

func unchecked(ctx context.Context, conn net.Conn, host string) (net.Conn, error) {
	c := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, ServerName: host})
	return c, c.HandshakeContext(ctx)
}

// needsProxy takes the proxy for a part of the protocol.
var needsProxy = Mutant{
	Name:     "needs-proxy",
	Defect:   "does not connect without a proxy",
	Violates: "route.without-proxy",
	Needs:    NeedsSetting,
	Cases:    []string{"route-direct"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out"}}},
	New:      tampered(proxyOnly),
}

func proxyOnly(s adapter.Setup) tamper {
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		if s.Route.Kind != proxies.HTTPProxy {
			return nil, errors.New("no HTTP proxy is set")
		}
		return d(ctx, address)
	}}
}

// pastProxy tries the direct way when a connection through its proxy was lost.
var pastProxy = Mutant{
	Name:     "past-proxy",
	Defect:   "connects past its proxy after a loss",
	Violates: "route.no-direct-attempt",
	Seen:     "papyon: connects to the switchboard itself since 2011",
	Needs:    NeedsSetting,
	Cases:    []string{"route-port-reconnect-*"},
	Also:     []Collateral{{elsewhere, []requirement.ID{"poll.keeps-going", "close.says-out", "command.carried-out"}}},
	New:      tampered(bypass),
}

func bypass(s adapter.Setup) tamper {
	dials := &atomic.Int32{}
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		if dials.Add(1) > 1 && s.Route.Kind == proxies.HTTPProxy {
			address = s.Gateway + ":80"
		}
		return d(ctx, address)
	}}
}

// port80 remembers the host of its proxy, and that HTTP is on port 80.
var port80 = Mutant{
	Name:     "port-80",
	Defect:   "connects to its proxy on port 80 after a loss",
	Violates: "route.proxy-port",
	Seen:     "the official client 5: misbehaves with proxies on ports other than 80",
	Needs:    NeedsSetting,
	Cases:    []string{"route-port-reconnect-3128-*"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"poll.keeps-going", "close.says-out", "connection.session-survives", "command.carried-out", "command.not-lost"}}},
	New:      tampered(onPort80(2)),
}

// onPort80 makes the dials to an HTTP proxy, from the nth on, on port 80.
func onPort80(nth int32) func(adapter.Setup) tamper {
	return func(s adapter.Setup) tamper {
		dials := &atomic.Int32{}
		return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
			if host, _, err := net.SplitHostPort(address); dials.Add(1) >= nth && err == nil && s.Route.Kind == proxies.HTTPProxy {
				address = net.JoinHostPort(host, "80")
			}
			return d(ctx, address)
		}}
	}
}

// twoHosts writes one host into the target and another into Host.
var twoHosts = Mutant{
	Name:     "two-hosts",
	Defect:   "names two hosts in each request",
	Violates: "route.intercepted",
	Seen:     "libpurple 2, emesene 1: the URL and Host name the gateway, the connection goes to the switchboard",
	Needs:    NeedsSetting,
	Cases:    []string{"route-intercepted-*"},
	New:      onRequests(nameTwo),
}

func nameTwo(request []byte) []byte {
	request = absolute(request)
	return setField(request, "Host", client.DispatchHost)
}
