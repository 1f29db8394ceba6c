package netns

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
)

// iface is one end of a pair: an interface with its address.
type iface struct {
	namespace *namespace
	ether     string
	address   netip.Addr
	link      netlink.Link
}

// veth joins two namespaces by a pair of interfaces with these addresses.
func veth(a, b *namespace, addresses [2]netip.Addr) (ends [2]iface, err error) {
	ends = [2]iface{{a, a.nextEther(), addresses[0], nil}, {b, b.nextEther(), addresses[1], nil}}
	pair := &netlink.Veth{
		LinkAttrs: netlink.LinkAttrs{Name: ends[0].ether}, PeerName: ends[1].ether, PeerNamespace: netlink.NsFd(b.handle),
	}
	if err := a.links.LinkAdd(pair); err != nil {
		return ends, fmt.Errorf("join %s and %s: %w", a.name, b.name, err)
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
func (p *iface) raise() (err error) {
	if p.link, err = p.namespace.links.LinkByName(p.ether); err != nil {
		return fmt.Errorf("%s: interface %s: %w", p.namespace.name, p.ether, err)
	}
	for _, own := range p.namespace.families(netip.PrefixFrom(p.address, 30)) {
		err = errors.Join(err, p.namespace.links.AddrAdd(p.link, usable(own)))
	}
	if err == nil {
		err = p.namespace.links.LinkSetUp(p.link)
	}
	if err != nil {
		return fmt.Errorf("%s: interface %s: %w", p.namespace.name, p.ether, err)
	}
	return nil
}

// leads routes what is for network out of p, to the interface at the other end.
// from is the address that the namespace's own connections have; the zero
// value leaves it to the kernel.
func (p iface) leads(network netip.Prefix, to iface, from netip.Addr) error {
	for _, there := range p.namespace.families(network) {
		route := &netlink.Route{LinkIndex: p.link.Attrs().Index, Dst: ipNet(there), Gw: like(there, to.address).AsSlice()}
		if from.IsValid() {
			route.Src = like(there, from).AsSlice()
		}
		if err := p.namespace.links.RouteAdd(route); err != nil {
			return fmt.Errorf("%s: route %s by %s: %w", p.namespace.name, there, to.address, err)
		}
	}
	return nil
}

func ipNet(p netip.Prefix) *net.IPNet {
	p = p.Masked()
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
