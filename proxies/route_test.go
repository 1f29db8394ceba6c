package proxies

import (
	"fmt"
	"strings"
	"testing"
)

func TestRoutes(t *testing.T) {
	for _, c := range []struct {
		route        Route
		url, address string
		kind         Kind
	}{
		{Route{}, "", "gateway:80", ""},
		{Route{Kind: HTTPProxy, Proxy: "p:8080"}, "http://p:8080", "p:8080", ""},
		{Route{Kind: ConnectProxy, Proxy: "p:8080", User: "u", Password: "x"}, "connect://u:x@p:8080", "gateway:80", Connect},
		{Route{Kind: Socks4Proxy, Proxy: "p:1080"}, "socks4://p:1080", "gateway:80", Socks4},
		{Route{Kind: Socks4aProxy, Proxy: "p:1080"}, "socks4a://p:1080", "gateway:80", Socks4a},
		{Route{Kind: Socks5Proxy, Proxy: "p:1080", User: "u", Password: "x"}, "socks5://u:x@p:1080", "gateway:80", Socks5},
	} {
		url := ""
		if u := c.route.URL(); u != nil {
			url = u.String()
		}
		box, tunnelled := c.route.tunnel()
		if url != c.url || c.route.address("gateway") != c.address || box.Kind != c.kind || tunnelled != (c.kind != "") {
			t.Errorf("%+v: %q, %q, %+v %v", c.route, url, c.route.address("gateway"), box.Kind, tunnelled)
		}
		plain := Spec{Kind: c.kind}
		if c.route.User != "" {
			plain = plain.WithCredentials("u", "x")
		}
		if fmt.Sprintf("%+v", box) != fmt.Sprintf("%+v", plain) {
			t.Errorf("%+v asks %+v, want %+v", c.route, box, plain)
		}
	}
	for authority, want := range map[string]string{"h": "h:80", "h:81": "h:81", "[::1]": "[::1]:80", "10.0.0.1": "10.0.0.1:80"} {
		if got := (Route{}).address(authority); got != want {
			t.Errorf("%s is at %s, want %s", authority, got, want)
		}
	}
}

func TestRouteMeetsADigestChallenge(t *testing.T) {
	const asked = `Digest realm="r", qop="auth", algorithm=MD5, nonce="n"`
	knows := Route{Kind: HTTPProxy, Proxy: "p:1", User: "u", Password: "s"}
	if got := knows.Meets(asked, "POST", "/x", 2); !strings.HasPrefix(got, `Proxy-Authorization: Digest username="u", realm="r", nonce="n", uri="/x"`) || !strings.Contains(got, "nc=00000002") || got == knows.Meets(asked, "POST", "/y", 2) {
		t.Errorf("%q", got)
	}
	for name, got := range map[string]string{
		"another scheme": knows.Meets("NTLM", "POST", "/x", 1),
		"nobody":         Route{Kind: HTTPProxy, Proxy: "p:1"}.Meets(asked, "POST", "/x", 1),
		"a tunnel":       Route{Kind: ConnectProxy, Proxy: "p:1", User: "u"}.Meets(asked, "POST", "/x", 1),
	} {
		if got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
