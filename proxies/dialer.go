package proxies

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"

	"gauntlet/proxies/network"
	"gauntlet/proxies/upstream"
)

// dialer makes a box's connections upstream. It never reads proxy settings from
// the environment.
type dialer struct {
	options   Options
	behaviour *behaviour
	life      *lifetime
	turn      atomic.Uint64 // counts dials, for a box with several addresses
}

// dial connects to where address stands, or to the one upstream.
func (d *dialer) dial(ctx context.Context, address string) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.behaviour.patience)
	defer cancel()
	if d.options.Upstream != "" {
		address = d.options.Upstream
	}
	return d.life.dial(ctx, d.next(), address)
}

// next is the network for the next dial. A box with several addresses takes them
// in turn, as the routers of a carrier do: a server sees one client come from
// several.
func (d *dialer) next() network.Network {
	if d.behaviour.addresses == 0 {
		return d.options.Network
	}
	return d.options.Egress[(d.turn.Add(1)-1)%uint64(d.behaviour.addresses)]
}

// pool is a way upstream with connections of its own.
func (d *dialer) pool() *upstream.Pool {
	o := upstream.Options{
		Dial:     d.dialHTTP,
		Kept:     d.behaviour.pooled,
		Idle:     d.behaviour.upstreamIdle,
		Continue: d.behaviour.awaitsContinue,
		Patience: d.behaviour.patience,
	}
	if d.options.Parent {
		o.Proxy = d.options.Upstream
	}
	return upstream.New(o)
}

func (d *dialer) dialHTTP(ctx context.Context, scheme, address string) (net.Conn, error) {
	if scheme == "https" {
		return d.dialTLS(ctx, address)
	}
	c, err := d.dialPlain(ctx, address)
	if err != nil {
		return nil, err
	}
	return &serverConn{conn: c, stale: d.behaviour.staleReuse, gone: make(chan struct{})}, nil
}

func (d *dialer) dialPlain(ctx context.Context, address string) (*conn, error) {
	if d.behaviour.balancer != nil {
		return d.dialMachine(ctx, address)
	}
	return d.dial(ctx, address)
}

// streams is a way upstream by HTTP/2, which what is there has to know.
func (d *dialer) streams() *http.Transport {
	protocols := &http.Protocols{}
	protocols.SetUnencryptedHTTP2(true)
	return &http.Transport{
		Protocols: protocols, DisableCompression: true, ResponseHeaderTimeout: d.behaviour.patience,
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			c, err := d.dialPlain(ctx, address)
			if err != nil {
				return nil, err
			}
			return c, nil
		},
	}
}

// dialTLS does the same for TLS. What the box respells is what is encrypted.
func (d *dialer) dialTLS(ctx context.Context, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.behaviour.patience)
	defer cancel()
	raw, err := d.dialThroughParent(ctx, address)
	if err != nil {
		return nil, err
	}
	host, _, _ := net.SplitHostPort(address)
	secure := tls.Client(raw, &tls.Config{ServerName: host, RootCAs: d.options.Roots, MinVersion: tls.VersionTLS10})
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("TLS with %s: %w", address, err), raw.Close())
	}
	c, err := d.life.own(secure)
	if err != nil {
		return nil, err
	}
	return &serverConn{conn: c, stale: d.behaviour.staleReuse, gone: make(chan struct{})}, nil
}

// dialThroughParent is a connection with nothing on it yet.
func (d *dialer) dialThroughParent(ctx context.Context, address string) (*conn, error) {
	if !d.options.Parent {
		return d.dial(ctx, address)
	}
	return d.life.dial(ctx, Through(d.next(), Spec{Kind: Forward}, d.options.Upstream), address)
}
