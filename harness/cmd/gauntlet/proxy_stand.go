package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	"gauntlet/harness/msn/servers"
	"gauntlet/proxies"
	"gauntlet/proxies/authority"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/network"
	"gauntlet/proxies/wire"
)

// standing is a chain of boxes on real sockets, with a tap before each.
type standing struct {
	address string // of the first box
	boxes   []proxies.Box
	taps    []*wire.Tap
	control net.Listener
	server  *http.Server
	serving sync.WaitGroup
	failed  chan error // the first server that ended by itself
	taken   atomic.Int64

	mu       sync.Mutex
	schedule *fault.Schedule
}

// stand puts up the boxes, the last one first, for each has to know the next.
func (f *proxyFlags) stand(chain proxies.Chain, schedule *fault.Schedule, log *slog.Logger) (*standing, error) {
	s := &standing{schedule: schedule, failed: make(chan error, len(chain)+1), taps: make([]*wire.Tap, len(chain))}
	ca, err := authority.New()
	if err == nil {
		err = writeCA(f.ca, ca)
	}
	if err == nil {
		err = s.bindControl(f.control)
	}
	next := f.to
	for i := len(chain) - 1; i >= 0 && err == nil; i-- {
		next, err = f.standBox(s, chain, i, next, ca, log)
	}
	s.address = next
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.serveControl(vocabularyOf(chain), log)
	return s, nil
}

// standBox puts up box i and gives its address.
func (f *proxyFlags) standBox(s *standing, chain proxies.Chain, i int, next string, ca *authority.Authority, log *slog.Logger) (string, error) {
	l, err := listenOn(fmt.Sprintf("box %d (%s), at", i+1, chain[i]), f.place(i, chain[i]))
	if err != nil {
		return "", err
	}
	address := l.Addr().String()
	s.taps[i] = wire.New(wire.Options{
		Hop: i, Faults: s.schedule, Standing: true, Observe: reporter(log), Label: servers.LabelHead(nil), LabelBody: servers.LabelBody,
	})
	o := proxies.Options{
		Network: f.reach(s, l, next), Authority: ca, Exposed: true,
		OnError: func(err error) { log.Warn("box", "hop", i, "error", err) },
	}
	o.Listen = func() (net.Listener, error) {
		again, err := net.Listen("tcp", address)
		if err != nil {
			return nil, err
		}
		return s.taps[i].Listen(chain.Listen(i, s.bounded(again))), nil
	}
	for range chain[i].Addresses() {
		o.Egress = append(o.Egress, o.Network) // one machine has one address
	}
	if f.to != "" {
		o.Machines = slices.Repeat([]string{f.to}, chain[i].Machines()) // likewise
	}
	if o = chain.Lead(i, o, next, f.to); chain.NextHop(i) == proxies.Redirected || i == len(chain)-1 {
		o.Upstream = next // what cannot be redirected here is led by hand
	}
	box, err := proxies.New(chain[i], o)
	if err != nil {
		return "", errors.Join(err, l.Close())
	}
	s.boxes = append(s.boxes, box)
	s.serve(s.taps[i].Listen(chain.Listen(i, s.bounded(l))), box.Serve)
	return address, nil
}

// place is where box i is to listen. Behind the first one a box whose spec names
// no port takes a free one: two of a kind could not share their usual one.
func (f *proxyFlags) place(i int, spec proxies.Spec) string {
	if i > 0 {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(spec.Port))
	}
	if _, _, err := net.SplitHostPort(f.listen); err == nil {
		return f.listen
	}
	return net.JoinHostPort(f.listen, strconv.Itoa(spec.ListenPort()))
}

// serve runs a server until it is closed.
func (s *standing) serve(l net.Listener, serve func(net.Listener) error) {
	s.serving.Go(func() {
		if err := serve(l); err != nil {
			s.failed <- err
		}
	})
}

// close ends everything, the client's side first.
func (s *standing) close() error {
	var errs []error
	switch {
	case s.server != nil:
		errs = append(errs, s.server.Close())
	case s.control != nil:
		errs = append(errs, s.control.Close())
	}
	for i := range s.boxes {
		errs = append(errs, s.boxes[len(s.boxes)-1-i].Close())
	}
	for _, tap := range s.taps {
		if tap != nil {
			errs = append(errs, tap.Close())
		}
	}
	s.serving.Wait()
	return errors.Join(errs...)
}

// reporter writes a line for each fault that fires.
func reporter(log *slog.Logger) func(wire.Event) {
	return func(e wire.Event) {
		if e.Kind == wire.Fired {
			log.Info("fired", "fault", e.Fault, "hop", e.Hop, "connection", e.Conn, "exchange", e.Exchange)
		}
	}
}

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
	for _, own := range append(f.own, l, s.control) {
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
func (*reach) LookupHost(ctx context.Context, name string) ([]string, error) {
	return net.DefaultResolver.LookupHost(ctx, name)
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

// carriers are networks of IPv6 whose addresses stand for one of IPv4, and the byte at which that is.
var carriers = map[netip.Prefix]int{
	netip.MustParsePrefix("64:ff9b::/96"):    12, // NAT64
	netip.MustParsePrefix("2002::/16"):       2,  // 6to4
	netip.MustParsePrefix("::/96"):           12, // as was written once
	netip.MustParsePrefix("::ffff:0:0:0/96"): 12,
}

// within reports whether an address means this machine or a network around it. What
// listens at an address of this machine that others know may still not be for them.
func within(a netip.Addr) bool {
	for carrier, at := range carriers {
		if carrier.Contains(a) && !a.IsLoopback() && within(netip.AddrFrom4([4]byte(a.AsSlice()[at:]))) {
			return true
		}
	}
	return isMine(a) || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsUnspecified() || a.IsMulticast() || shared.Contains(a)
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
