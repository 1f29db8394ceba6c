package network

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"
)

// fallback is how long the addresses of the first family have, before those of the
// other are tried as well: the middle of what RFC 8305 allows, and what Go takes.
const fallback = 300 * time.Millisecond

// Resolving is a Network for somebody who looks names up before he connects. Where a
// name leads to addresses of both families he tries those of the first one, and
// soon those of the other beside them (RFC 8305).
type Resolving struct {
	Network
	// Lookup says where a name leads, the addresses that come first first. It is
	// asked once for each attempt.
	Lookup func(ctx context.Context, name string) (addresses []string, err error)
}

// LookupHost gives the addresses behind a name. An address is given back as it is.
func (r Resolving) LookupHost(ctx context.Context, name string) ([]string, error) {
	if net.ParseIP(name) != nil {
		return []string{name}, nil
	}
	return r.Lookup(ctx, name)
}

// DialContext connects to the first address behind a name that can be reached. The
// error is that of the first family.
func (r Resolving) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	name, port, err := net.SplitHostPort(address)
	if err != nil || name == "" || net.ParseIP(name) != nil {
		return r.Network.DialContext(ctx, network, address)
	}
	addresses, err := r.Lookup(ctx, name)
	if err == nil && len(addresses) == 0 {
		err = &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	first, other := families(addresses)
	try := func(ctx context.Context, hosts []string) (net.Conn, error) {
		return r.inTurn(ctx, network, hosts, port)
	}
	if len(other) == 0 {
		return try(ctx, first)
	}
	return race(ctx, func(ctx context.Context) (net.Conn, error) { return try(ctx, first) },
		func(ctx context.Context) (net.Conn, error) { return try(ctx, other) })
}

// families are the addresses of the family of the first one, and the others.
func families(addresses []string) (first, other []string) {
	for _, a := range addresses {
		if strings.Contains(a, ":") == strings.Contains(addresses[0], ":") {
			first = append(first, a)
		} else {
			other = append(other, a)
		}
	}
	return first, other
}

// inTurn connects to one after the other.
func (r Resolving) inTurn(ctx context.Context, network string, hosts []string, port string) (net.Conn, error) {
	var errs []error
	for _, host := range hosts {
		conn, err := r.Network.DialContext(ctx, network, net.JoinHostPort(host, port))
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// attempt is what became of one.
type attempt struct {
	conn  net.Conn
	err   error
	first bool
}

// race makes the first attempt, and the second as well when the first has failed, or
// has not come about after a while. Whichever succeeds first ends the other.
func race(ctx context.Context, first, second func(context.Context) (net.Conn, error)) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan attempt, 2)
	begin := func(try func(context.Context) (net.Conn, error), isFirst bool) {
		go func() {
			conn, err := try(ctx)
			ended <- attempt{conn, err, isFirst}
		}()
	}
	begin(first, true)
	wait := time.NewTimer(fallback)
	defer wait.Stop()
	var why error
	for open, begun := 1, false; open > 0; {
		select {
		case <-wait.C:
		case a := <-ended:
			open--
			if a.err == nil {
				cancel()
				for range open {
					leave(<-ended)
				}
				return a.conn, nil
			}
			if why == nil || a.first {
				why = a.err
			}
		}
		if !begun {
			begun = true
			open++
			begin(second, false)
		}
	}
	return nil, why
}

// leave closes what nobody needs any more.
func leave(a attempt) {
	if a.err == nil {
		_ = a.conn.Close() // it was never used
	}
}
