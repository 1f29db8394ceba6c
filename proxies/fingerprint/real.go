package fingerprint

import (
	"context"
	"errors"
	"net"
	"time"

	"gauntlet/proxies/external"
	"gauntlet/proxies/network"
)

// RealIdle is for how long idle connections of real products are watched.
const RealIdle = 7 * time.Second

// Real starts a real product, takes its fingerprint on real sockets, and ends
// it. Idle connections are watched for RealIdle; see Watched.
func Real(ctx context.Context, p external.Product) (f Fingerprint, err error) {
	address, release, err := network.Reserve() // the origin comes and goes
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	product, err := p.StartBefore(ctx, l.(*net.TCPListener), external.Options{})
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	defer func() { err = errors.Join(err, product.Stop()) }()
	listen := func() (net.Listener, error) {
		first := l
		if l = nil; first != nil {
			return first, nil
		}
		return net.Listen("tcp", address)
	}
	return Take(ctx, Setup{Network: &network.Loopback{}, Box: product.Addr, Host: address, Listen: listen, Patience: 5 * time.Second, Idle: RealIdle})
}

// Watched is what the fingerprint would be had idle connections been watched
// for no longer than d.
func (f Fingerprint) Watched(d time.Duration) Fingerprint {
	out := append(Fingerprint{}, f...)
	for i, t := range out {
		if lived, err := time.ParseDuration(after(t.Value)); err == nil && lived >= d {
			out[i].Value = lifetime(d, d)
		}
	}
	return out
}
