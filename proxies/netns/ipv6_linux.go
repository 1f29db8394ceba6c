package netns

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
)

// sixOf is the IPv6 address beside one of IPv4: 10.9.0.80 is fd00:10:9::80, too. Clients,
// at 10.0.0.0/16, have a global one, 2001:db8:10::2: programs try IPv6 first only from an
// address of the kind that they connect to (RFC 6724, section 5). Between two hosts the last
// number is no digits, so that the two ends have one network.
func sixOf(a netip.Addr) netip.Addr {
	four, form := a.As4(), "fd00:%d:%d:%d::%d"
	switch {
	case a == netip.IPv4Unspecified():
		return netip.IPv6Unspecified()
	case four[1] == 0:
		form = "2001:db8:%d:%d:%d::%d"
	case four[1] == between:
		form = "fd00:%d:%d:%d::%x"
	}
	return netip.MustParseAddr(fmt.Sprintf(form, four[0], four[1], four[2], four[3]))
}

// sixBeside is the IPv6 network beside one of IPv4.
func sixBeside(p netip.Prefix) netip.Prefix {
	return netip.PrefixFrom(sixOf(p.Addr()), map[int]int{0: 0, 24: 64, 30: 126, 32: 128}[p.Bits()])
}

// like is an address, or the one beside it, of the family of p.
func like(p netip.Prefix, a netip.Addr) netip.Addr {
	if p.Addr().Is6() && a.Is4() {
		return sixOf(a)
	}
	return a
}

// both are the listeners of one host, one for each family.
type both struct {
	net.Listener // of IPv4, whose address is told
	six          net.Listener
	accepted     chan net.Conn
	ended        chan error // why no more are accepted
	closing      sync.Once
	closed       chan struct{}
}

func listenBoth(four, six net.Listener) net.Listener {
	b := &both{Listener: four, six: six, accepted: make(chan net.Conn), ended: make(chan error, 2), closed: make(chan struct{})}
	for _, l := range []net.Listener{four, six} {
		go b.run(l)
	}
	return b
}

func (b *both) run(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			b.ended <- err
			return
		}
		select {
		case b.accepted <- c:
		case <-b.closed:
			_ = c.Close() // nobody will take it
		}
	}
}

// Accept takes a connection of either family.
func (b *both) Accept() (net.Conn, error) {
	select {
	case c := <-b.accepted:
		return c, nil
	case err := <-b.ended:
		return nil, err
	case <-b.closed:
		return nil, net.ErrClosed
	}
}

// Close ends both listeners.
func (b *both) Close() error {
	b.closing.Do(func() { close(b.closed) })
	return errors.Join(b.Listener.Close(), b.six.Close())
}
