package proxies

import (
	"context"
	"net"
	"net/http"
	"net/url"
)

// transport is the box's way upstream: one pool for all its clients. It never
// reads proxy settings from the environment.
func (b *httpBox) transport() *http.Transport {
	t := &http.Transport{
		DialContext:           b.dialUpstream,
		MaxIdleConnsPerHost:   b.spec.Quirks.idlePerHost(),
		ResponseHeaderTimeout: b.spec.Quirks.timeout(),
	}
	if b.options.Parent {
		t.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: b.options.Upstream})
	}
	return t
}

// dialUpstream connects to where address stands, or to the one upstream.
func (b *httpBox) dialUpstream(ctx context.Context, _, address string) (net.Conn, error) {
	if b.options.Upstream != "" {
		address = b.options.Upstream
	}
	ctx, cancel := context.WithTimeout(ctx, b.spec.Quirks.timeout())
	defer cancel()
	c, err := b.owned.dial(ctx, b.options.Network, address)
	if err != nil {
		return nil, err
	}
	return &upstream{conn: c}, nil
}
