package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"

	"gauntlet/proxies/network"
)

// reach is the real network as far as a box may go: the zero value goes anywhere.
// What its user has named
// is allowed: the next box, --to and --allow. The boxes behind the first listen on
// the loopback interface.
type reach struct {
	network.Loopback
	named   []string       // host:port
	allowed []netip.Prefix // of --allow
	own     []*net.TCPAddr // the box itself, and the control
	public  bool           // others can use the box: nothing of this machine and its networks is for them
}

var errOutOfReach = errors.New("this proxy does not go there")

// reach is that of a box which listens at l.
func (f *proxyFlags) reach(s *standing, l net.Listener, next string) *reach {
	r := &reach{named: []string{f.to, next}, allowed: f.allowed, public: isPublic(f.listen)}
	for _, own := range []net.Listener{l, s.control} {
		if own != nil {
			r.own = append(r.own, own.Addr().(*net.TCPAddr))
		}
	}
	return r
}

// DialContext connects to address, if the box may.
func (r *reach) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	named := false
	for _, one := range r.named {
		named = named || one == address
	}
	d := net.Dialer{ControlContext: func(_ context.Context, _, resolved string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(resolved)
		if err != nil {
			return err
		}
		return r.check(netip.AddrPortFrom(to.Addr().Unmap(), to.Port()), named)
	}}
	return d.DialContext(ctx, kind, address)
}

// LookupHost asks the machine's resolver.
func (*reach) LookupHost(ctx context.Context, name string) (string, error) {
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", name)
	if err != nil {
		return "", err
	}
	return ips[0].Unmap().String(), nil
}

// check says why the box must not connect there: it is asked when the name is
// resolved, so that no name leads elsewhere in the meantime.
func (r *reach) check(to netip.AddrPort, named bool) error {
	for _, own := range r.own {
		if int(to.Port()) == own.Port && (to.Addr().Compare(own.AddrPort().Addr().Unmap()) == 0 || isMine(to.Addr())) {
			return fmt.Errorf("%w: %s is its own address, and it would go round", errOutOfReach, to)
		}
	}
	if named || !r.public || !within(to.Addr()) {
		return nil
	}
	for _, prefix := range r.allowed {
		if prefix.Contains(to.Addr()) {
			return nil
		}
	}
	return fmt.Errorf("%w: %s is of this machine or its networks, and others can use the proxy: allow it by --allow %s", errOutOfReach, to, to.Addr())
}

// shared are addresses between customers and carriers.
var shared = netip.MustParsePrefix("100.64.0.0/10")

// within reports whether an address means this machine or a network around it.
func within(a netip.Addr) bool {
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsUnspecified() || a.IsMulticast() || shared.Contains(a)
}

// isMine reports whether an address is this machine's.
func isMine(a netip.Addr) bool {
	if a.IsLoopback() || a.IsUnspecified() {
		return true
	}
	all, _ := net.InterfaceAddrs() // without any, loopback is all that there is
	for _, one := range all {
		if n, is := one.(*net.IPNet); is && n.IP.Equal(a.AsSlice()) {
			return true
		}
	}
	return false
}

// readAllowed reads --allow.
func (f *proxyFlags) readAllowed() error {
	var errs []error
	for _, text := range f.allow {
		prefix, err := netip.ParsePrefix(text)
		if a, single := netip.ParseAddr(text); err != nil && single == nil {
			prefix, err = a.Prefix(a.BitLen())
		}
		if err != nil {
			err = fmt.Errorf("--allow %q: want an address or a network, such as 127.0.0.1 or 10.0.0.0/8", text)
		}
		f.allowed, errs = append(f.allowed, prefix), append(errs, err)
	}
	return errors.Join(errs...)
}

// warnReach says what others can reach through a public proxy.
func (f *proxyFlags) warnReach(out io.Writer) {
	if !isPublic(f.listen) {
		return
	}
	what := "every public address"
	if f.to != "" {
		what = f.to
	}
	for _, prefix := range f.allowed {
		what += ", " + prefix.String()
	}
	fmt.Fprintf(out, "gauntlet: warning: %s is not on the loopback interface: others can use this proxy, and reach through it %s, in this machine's name\n", f.host(), what)
}

// mostConnections are served by all boxes of a chain at a time.
const mostConnections = 4096

// bounded is a listener that hangs up on whoever comes when there are enough.
func (s *standing) bounded(l net.Listener) net.Listener {
	return &bounded{l, s}
}

type bounded struct {
	net.Listener
	of *standing
}

// Accept waits for one that there is room for.
func (b *bounded) Accept() (net.Conn, error) {
	for {
		c, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if b.of.taken.Add(1) <= mostConnections {
			return &counted{TCPConn: c.(*net.TCPConn), free: sync.OnceFunc(func() { b.of.taken.Add(-1) })}, nil
		}
		b.of.taken.Add(-1)
		_ = c.Close() // nobody is owed more
	}
}

// counted is a connection that has a place.
type counted struct {
	*net.TCPConn
	free func()
}

// Close gives the place back.
func (c *counted) Close() error {
	c.free()
	return c.TCPConn.Close()
}
