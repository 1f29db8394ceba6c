package netns

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// plug is one end of a cable: an interface with its address.
type plug struct {
	space   *space
	ether   string
	address netip.Addr
	link    netlink.Link
}

// cable joins two namespaces. addresses are those of its two ends.
func cable(a, b *space, addresses [2]netip.Addr) (ends [2]plug, err error) {
	ends = [2]plug{{a, a.nextEther(), addresses[0], nil}, {b, b.nextEther(), addresses[1], nil}}
	veth := &netlink.Veth{
		LinkAttrs: netlink.LinkAttrs{Name: ends[0].ether}, PeerName: ends[1].ether, PeerNamespace: netlink.NsFd(b.handle),
	}
	if err := a.links.LinkAdd(veth); err != nil {
		return ends, fmt.Errorf("lay a cable from %s to %s: %w", a.name, b.name, err)
	}
	for i := range ends {
		if err := ends[i].raise(); err != nil {
			return ends, err
		}
	}
	// The first end has nobody to talk to until the second is up. The kernel
	// notices that a little later, at the latest when it is asked, and loses
	// packets until then.
	_, err = a.links.LinkByName(ends[0].ether)
	return ends, err
}

// raise gives the interface its address and puts it into use.
func (p *plug) raise() (err error) {
	if p.link, err = p.space.links.LinkByName(p.ether); err == nil {
		err = p.space.links.AddrAdd(p.link, &netlink.Addr{IPNet: &net.IPNet{IP: p.address.AsSlice(), Mask: net.CIDRMask(30, 32)}})
	}
	if err == nil {
		err = p.space.links.LinkSetUp(p.link)
	}
	if err != nil {
		return fmt.Errorf("%s: interface %s: %w", p.space.name, p.ether, err)
	}
	return nil
}

// owns makes all of a network local to the namespace, in the given table of routes.
func (s *space) owns(network netip.Prefix, table int) error {
	lo, err := s.links.LinkByName("lo")
	if err == nil {
		err = s.links.RouteAdd(&netlink.Route{
			LinkIndex: lo.Attrs().Index, Dst: ipNet(network), Type: unix.RTN_LOCAL, Table: table, Scope: netlink.SCOPE_HOST,
		})
	}
	if err != nil {
		return fmt.Errorf("%s: own %s: %w", s.name, network, err)
	}
	return nil
}

// leads routes what is for network out of p, to the plug at the other end.
// from is the address that the namespace's own connections have; the zero
// value leaves it to the kernel.
func (p plug) leads(network netip.Prefix, to plug, from netip.Addr) error {
	route := &netlink.Route{LinkIndex: p.link.Attrs().Index, Dst: ipNet(network), Gw: to.address.AsSlice()}
	if from.IsValid() {
		route.Src = from.AsSlice()
	}
	if err := p.space.links.RouteAdd(route); err != nil {
		return fmt.Errorf("%s: route %s by %s: %w", p.space.name, network, to.address, err)
	}
	return nil
}

func ipNet(p netip.Prefix) *net.IPNet {
	p = p.Masked()
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
