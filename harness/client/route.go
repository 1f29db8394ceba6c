package client

import (
	"context"
	"encoding/base64"
	"net"
	"strings"

	"gauntlet/proxies/network"
)

// RouteKind says how the gateway is reached.
type RouteKind string

// The kinds of route.
const (
	Direct    RouteKind = ""           // the host that the session names, port 80
	HTTPProxy RouteKind = "http proxy" // everything to Proxy, in absolute-form
)

// Route is the way to the gateway that the user configured. The client takes
// this one and no other (S33, S34).
type Route struct {
	Kind           RouteKind
	Proxy          string // host:port, of HTTPProxy
	User, Password string // Basic authentication at the proxy, if User is set
}

// address is where to connect for a request to authority.
func (r Route) address(authority string) string {
	if r.Kind == HTTPProxy {
		return r.Proxy
	}
	if _, _, err := net.SplitHostPort(authority); err == nil {
		return authority
	}
	return net.JoinHostPort(strings.Trim(authority, "[]"), "80")
}

// target is the request target: absolute for a proxy, else a path.
func (r Route) target(authority, pathAndQuery string) string {
	if r.Kind == HTTPProxy {
		return "http://" + authority + pathAndQuery
	}
	return pathAndQuery
}

// credentials is the field that goes along with each request to the proxy.
func (r Route) credentials() string {
	if r.Kind != HTTPProxy || r.User == "" {
		return ""
	}
	token := base64.StdEncoding.EncodeToString([]byte(r.User + ":" + r.Password))
	return "Proxy-Authorization: Basic " + token + "\r\n"
}

func (r Route) dial(ctx context.Context, n network.Network, authority string) (net.Conn, error) {
	return n.DialContext(ctx, "tcp", r.address(authority))
}
