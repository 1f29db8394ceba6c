package proxies

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// transport is a way upstream with a pool of its own. It never reads proxy
// settings from the environment.
func (b *httpBox) transport() *http.Transport {
	t := &http.Transport{
		DialContext:           b.dialUpstream,
		DialTLSContext:        b.dialTLS,
		MaxIdleConnsPerHost:   b.spec.Quirks.idlePerHost(),
		IdleConnTimeout:       b.spec.Quirks.UpstreamIdle.After,
		ExpectContinueTimeout: b.spec.Quirks.expectPatience(),
		ResponseHeaderTimeout: b.spec.Quirks.timeout(),
	}
	if b.options.Parent {
		t.Proxy = b.parent
	}
	return t
}

// parent sends plain requests to the proxy upstream; for TLS that is asked for
// a tunnel.
func (b *httpBox) parent(r *http.Request) (*url.URL, error) {
	if r.URL.Scheme == "https" {
		return nil, nil
	}
	return &url.URL{Scheme: "http", Host: b.options.Upstream}, nil
}

// dialUpstream connects to where address stands, or to the one upstream.
func (b *httpBox) dialUpstream(ctx context.Context, _, address string) (net.Conn, error) {
	if b.options.Upstream != "" {
		address = b.options.Upstream
	}
	ctx, cancel := context.WithTimeout(ctx, b.spec.Quirks.timeout())
	defer cancel()
	c, err := b.owned.dial(ctx, b.egress.next(), address)
	if err != nil {
		return nil, err
	}
	return &upstream{conn: c}, nil
}

// dialTLS does the same for TLS. What the box respells is what is encrypted,
// so it is done here and not by net/http.
func (b *httpBox) dialTLS(ctx context.Context, _, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, b.spec.Quirks.timeout())
	defer cancel()
	raw, err := b.dialPlain(ctx, address)
	if err != nil {
		return nil, err
	}
	host, _, _ := net.SplitHostPort(address)
	secure := tls.Client(raw, &tls.Config{ServerName: host, RootCAs: b.options.roots(b.ca), MinVersion: tls.VersionTLS10})
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("TLS with %s: %w", address, err), raw.Close())
	}
	c, ok := b.owned.wrap(secure)
	if !ok {
		return nil, net.ErrClosed
	}
	return &upstream{conn: c}, nil
}

// dialPlain is a connection with nothing on it yet, through the parent if
// there is one.
func (b *httpBox) dialPlain(ctx context.Context, address string) (*conn, error) {
	n := b.egress.next()
	switch {
	case b.options.Parent:
		n = Through(n, Spec{Kind: Forward}, b.options.Upstream)
	case b.options.Upstream != "":
		address = b.options.Upstream
	}
	return b.owned.dial(ctx, n, address)
}
