package proxies

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/icholy/digest"

	"gauntlet/proxies/network"
)

// RouteKind says how the gateway is reached.
type RouteKind string

// The kinds of route.
const (
	Direct       RouteKind = ""              // the host that the session names, port 80
	HTTPProxy    RouteKind = "http proxy"    // everything to Proxy, in absolute-form
	ConnectProxy RouteKind = "connect proxy" // a tunnel to that host, asked for by CONNECT
	Socks4Proxy  RouteKind = "socks4 proxy"  // likewise by SOCKS 4, which names addresses
	Socks4aProxy RouteKind = "socks4a proxy" // by SOCKS 4A, which names hosts
	Socks5Proxy  RouteKind = "socks5 proxy"  // by SOCKS 5, which names hosts
)

// Route is the way to the gateway that the user configured. The client takes
// this one and no other (S33, S34).
type Route struct {
	Kind           RouteKind
	Proxy          string // host:port, of all kinds but Direct
	User, Password string // at the proxy, if User is set; SOCKS 4 has no passwords
}

// URL is the proxy, with its kind as the scheme (http, connect, socks4, socks4a
// or socks5) and what it wants to know of the user; nil is none.
func (r Route) URL() *url.URL {
	if r.Kind == Direct {
		return nil
	}
	u := &url.URL{Scheme: strings.TrimSuffix(string(r.Kind), " proxy"), Host: r.Proxy}
	if r.User != "" {
		u.User = url.UserPassword(r.User, r.Password)
	}
	return u
}

// tunnel is the box that makes tunnels on this route; ok is false if none does.
func (r Route) tunnel() (box Spec, ok bool) {
	kind, ok := map[RouteKind]Kind{
		ConnectProxy: Connect, Socks4Proxy: Socks4, Socks4aProxy: Socks4a, Socks5Proxy: Socks5,
	}[r.Kind]
	box = Spec{Kind: kind}
	if r.User != "" {
		box = box.WithCredentials(r.User, r.Password)
	}
	return box, ok
}

// address is where the bytes of a request to authority are to arrive.
func (r Route) address(authority string) string {
	if r.Kind == HTTPProxy {
		return r.Proxy
	}
	if _, _, err := net.SplitHostPort(authority); err == nil {
		return authority
	}
	return net.JoinHostPort(strings.Trim(authority, "[]"), "80")
}

// Target is the request target: absolute for a proxy that reads it, else a
// path.
func (r Route) Target(authority, pathAndQuery string) string {
	if r.Kind == HTTPProxy {
		return "http://" + authority + pathAndQuery
	}
	return pathAndQuery
}

// Credentials is the field that goes along with each request to the proxy. A
// tunnel is asked for with them, and what it carries has none.
func (r Route) Credentials() string {
	if r.Kind != HTTPProxy || r.User == "" {
		return ""
	}
	token := base64.StdEncoding.EncodeToString([]byte(r.User + ":" + r.Password))
	return "Proxy-Authorization: Basic " + token + "\r\n"
}

// Meets is the field that answers the proxy's Digest challenge, the value of
// Proxy-Authenticate, for the nth request that does (RFC 7616); "" if it cannot be
// met. Nothing in it is random.
func (r Route) Meets(challenge, method, target string, nth int) string {
	asked, err := digest.ParseChallenge(challenge)
	if err != nil || r.Kind != HTTPProxy || r.User == "" {
		return ""
	}
	own := sha256.Sum256(fmt.Appendf(nil, "%s %d", asked.Nonce, nth))
	shown, err := digest.Digest(asked, digest.Options{Method: method, URI: target, Username: r.User, Password: r.Password, Cnonce: hex.EncodeToString(own[:8]), Count: nth})
	if err != nil {
		return ""
	}
	return "Proxy-Authorization: " + shown.String() + "\r\n"
}

// Dial connects, and asks for a tunnel where the route has one.
func (r Route) Dial(ctx context.Context, n network.Network, authority string) (net.Conn, error) {
	if box, tunnelled := r.tunnel(); tunnelled {
		n = Through(n, box, r.Proxy)
	}
	return n.DialContext(ctx, "tcp", r.address(authority))
}
