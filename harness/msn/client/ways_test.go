package client

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"

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
