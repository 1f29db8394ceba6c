package client

import (
	"context"
	"net"
	"net/http"
	"slices"
	"sync"

	"gauntlet/proxies"
	"gauntlet/proxies/network"
	"gauntlet/proxies/pac"
)

// Finding finds out, by the file at a URL, which ways there are to a host, the first to
// be tried first.
type Finding func(ctx context.Context, n network.Network, url, host string) ([]proxies.Route, error)

// FindRoutes gets the file and goes by what it says.
func FindRoutes(ctx context.Context, n network.Network, url, host string) ([]proxies.Route, error) {
	text, err := pac.Ask(ctx, n, http.MethodGet, url)
	if err != nil {
		return nil, err
	}
	return pac.Find(text, "http://"+host+"/", host)
}

// ways are how a user's sessions can reach the gateway. What did not lead to its first
// stop is tried last from then on: a file may name several proxies, and one that is
// gone costs its time-out once. Its methods are safe for concurrent use.
type ways struct {
	mu     sync.Mutex
	routes []proxies.Route
}

// learn asks the file which ways there are, if a user is told of one.
func (w *ways) learn(ctx context.Context, o Options) error {
	routes := []proxies.Route{o.Route}
	if o.PAC != "" {
		ctx, cancel := context.WithTimeout(ctx, o.AnswerTimeout)
		defer cancel()
		var err error
		if routes, err = o.FindRoutes(ctx, o.Network, o.PAC, o.Gateway); err != nil {
			return err
		}
	}
	for i := range routes {
		if o.Secure != nil && routes[i].Kind == proxies.HTTPProxy { // to which TLS is a tunnel like any other
			routes[i].Kind = proxies.ConnectProxy
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.routes = routes
	return nil
}

// dial connects by the first way that leads anywhere.
func (w *ways) dial(ctx context.Context, n network.Network, authority string) (conn net.Conn, by proxies.Route, err error) {
	w.mu.Lock()
	routes := slices.Clone(w.routes)
	w.mu.Unlock()
	for _, by = range routes {
		if conn, err = by.Dial(ctx, n, authority); err == nil {
			return conn, by, nil
		}
		w.putLast(by)
	}
	return nil, proxies.Route{}, err
}

// putLast has a way be tried after all others.
func (w *ways) putLast(r proxies.Route) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.routes[0] == r {
		w.routes = append(slices.Clone(w.routes[1:]), r)
	}
}
