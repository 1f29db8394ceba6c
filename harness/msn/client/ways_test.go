package client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gauntlet/proxies"
	"gauntlet/proxies/network"
)

// deaf is a network on which some addresses do not answer.
type deaf struct {
	network.Network
	gone  []string
	tried []string
}

func (d *deaf) DialContext(_ context.Context, _, address string) (net.Conn, error) {
	d.tried = append(d.tried, address)
	if slices.Contains(d.gone, address) {
		return nil, errors.New("nobody answers")
	}
	here, there := net.Pipe()
	return here, there.Close()
}

// What was tried in vain is tried last from then on, until everything was.
func TestWaysInTheirOrder(t *testing.T) {
	a, b, c := proxies.Route{Kind: proxies.HTTPProxy, Proxy: "a:1"}, proxies.Route{Kind: proxies.HTTPProxy, Proxy: "b:1"}, proxies.Route{}
	w := &ways{routes: []proxies.Route{a, b, c}}
	for _, step := range []struct {
		gone, tried []string
		by          proxies.Route
	}{
		{nil, []string{"a:1"}, a},
		{[]string{"a:1"}, []string{"a:1", "b:1"}, b},
		{[]string{"a:1"}, []string{"b:1"}, b},
		{[]string{"b:1"}, []string{"b:1", "g:80"}, c},
		{[]string{"a:1", "b:1", "g:80"}, []string{"g:80", "a:1", "b:1"}, proxies.Route{}},
		{nil, []string{"g:80"}, c},
	} {
		n := &deaf{gone: step.gone}
		conn, by, err := w.dial(t.Context(), n, "g")
		if !slices.Equal(n.tried, step.tried) || (err == nil) != (len(step.gone) < 3) || err == nil && by != step.by {
			t.Errorf("without %q: tried %q, by %+v, %v", step.gone, n.tried, by, err)
		}
		if err == nil {
			_ = conn.Close()
		}
	}
}

// A file is fetched from where a user is told, and asked about the gateway.
func TestTheFileIsFetched(t *testing.T) {
	inOffice(t, func(o *office) {
		l, err := o.net.Host("10.0.0.3").Listen(":80")
		if err != nil {
			t.Fatal(err)
		}
		asked := make(chan string, 2)
		go func() {
			_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked <- r.Method + " " + r.RequestURI
				_, _ = io.WriteString(w, "function FindProxyForURL(url, host) { return url == 'http://' + host + '/' && host == '"+DispatchHost+"' ? 'PROXY own.example:8080; DIRECT' : 'DIRECT'; }")
			}))
		}()
		var w ways
		want := []proxies.Route{{Kind: proxies.HTTPProxy, Proxy: "own.example:8080"}, {}}
		if err := w.learn(context.Background(), Options{Network: o.net.Host("10.0.0.2"), PAC: "http://10.0.0.3/proxy.pac"}.withDefaults()); err != nil || !slices.Equal(w.routes, want) {
			t.Errorf("%+v, %v", w.routes, err)
		}
		if got := <-asked; got != "GET /proxy.pac" {
			t.Errorf("asked %s", got)
		}
		_ = l.Close()
		began := time.Now()
		if _, err := o.net.Host("10.0.0.3").Listen(":81"); err != nil { // where nobody answers
			t.Fatal(err)
		}
		err = w.learn(context.Background(), Options{Network: o.net.Host("10.0.0.2"), PAC: "http://10.0.0.3:81/"}.withDefaults())
		if took := time.Since(began); err == nil || took != usualTimeout {
			t.Errorf("a file that does not come: %v, after %v", err, took)
		}
	})
}

// What is not said is as usual.
func TestOptionsThatAreNotSaid(t *testing.T) {
	o := Options{}.withDefaults()
	if o.Gateway != "gateway.messenger.hotmail.com" || o.AnswerTimeout != 20*time.Second || o.Reopens != 1 || o.FindRoutes == nil {
		t.Errorf("%+v", o)
	}
	o = Options{Gateway: "g", AnswerTimeout: 1, Reopens: -1}.withDefaults()
	if o.Gateway != "g" || o.AnswerTimeout != 1 || o.Reopens != -1 {
		t.Errorf("what is said: %+v", o)
	}
}

// A gateway that is reached by https is at the port of that, unless another is named.
func TestWhereTLSLeads(t *testing.T) {
	for authority, want := range map[string]string{"g.example": "g.example:443", "g.example:8443": "g.example:8443", "[fd00::1]": "[fd00::1]:443", "[fd00::1]:8443": "[fd00::1]:8443"} {
		n, secured := &deaf{}, ""
		s := &carrier{ctx: t.Context(), opt: carrierOptions{
			Network: n, AnswerTimeout: time.Minute, Ways: &ways{routes: []proxies.Route{{}}},
			Secure: func(_ context.Context, c net.Conn, host string) (net.Conn, error) { secured = host; return c, nil },
		}}
		conn, _, err := s.dial(authority)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		if host := strings.Trim(strings.TrimSuffix(strings.TrimSuffix(authority, ":8443"), ":443"), "[]"); !slices.Equal(n.tried, []string{want}) || secured != host {
			t.Errorf("%s: tried %q, the host is %q", authority, n.tried, secured)
		}
	}
}

func TestLearntWays(t *testing.T) {
	file := func(routes []proxies.Route, err error) Finding {
		return func(context.Context, network.Network, string, string) ([]proxies.Route, error) { return routes, err }
	}
	own, told := proxies.Route{Kind: proxies.HTTPProxy, Proxy: "own:1"}, proxies.Route{Kind: proxies.HTTPProxy, Proxy: "told:1"}
	tunnel := proxies.Route{Kind: proxies.ConnectProxy, Proxy: "told:1"}
	secure := func(_ context.Context, conn net.Conn, _ string) (net.Conn, error) { return conn, nil }
	for name, c := range map[string]struct {
		o    Options
		want []proxies.Route
	}{
		"no file":           {Options{Route: own, FindRoutes: file([]proxies.Route{told}, nil)}, []proxies.Route{own}},
		"a file":            {Options{Route: own, PAC: "http://h/", FindRoutes: file([]proxies.Route{told, {}}, nil)}, []proxies.Route{told, {}}},
		"a file, and https": {Options{PAC: "http://h/", Secure: secure, FindRoutes: file([]proxies.Route{told, {}}, nil)}, []proxies.Route{tunnel, {}}},
		"no file there":     {Options{PAC: "http://h/", FindRoutes: file(nil, errors.New("no"))}, nil},
	} {
		var w ways
		err := w.learn(t.Context(), c.o.withDefaults())
		if !slices.Equal(w.routes, c.want) || (err == nil) != (c.want != nil) {
			t.Errorf("%s: %+v, %v", name, w.routes, err)
		}
	}
}
