package netns

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// moves takes the host below the router to another address.
func (r *router) moves(to netip.Addr) error {
	was, client := at{host: r.from, address: r.from.place.Address}.now(), r.from.namespace
	err := client.owns(alone(to), unix.RT_TABLE_LOCAL)
	if err == nil && client.ipv6 {
		err = client.has(sixOf(to))
	}
	if err == nil {
		err = r.down.leads(alone(to), r.below, netip.Addr{})
	}
	if err == nil {
		err = r.shows(to)
	}
	if err != nil {
		return err
	}
	r.from.moved.Store(&to)
	return errors.Join(client.from(to, r.below, r.down), client.disowns(was))
}

// shows has the router show an address of its own for what comes from there: the one with the
// same last number.
func (r *router) shows(from netip.Addr) error {
	shown := r.up.address.As4()
	shown[3] = 200 + from.As4()[3]
	outside := netip.AddrFrom4(shown)
	if err := r.namespace.owns(alone(outside), unix.RT_TABLE_LOCAL); err != nil {
		return err
	}
	inside := r.namespace.families(alone(from))
	for i, as := range r.namespace.families(alone(outside)) {
		r.rules.conn.InsertRule(&nftables.Rule{Table: r.rules.table, Chain: r.leaving(), Exprs: slices.Concat(r.upwards(), within(source, inside[i]), []expr.Any{
			&expr.Immediate{Register: 1, Data: as.Addr().AsSlice()},
			&expr.NAT{Type: expr.NATTypeSourceNAT, Family: family(as.Addr()), RegAddrMin: 1, RegAddrMax: 1},
		})})
	}
	return r.rules.conn.Flush()
}

// from has the namespace's own connections come from an address, out of p to the other end.
func (s *namespace) from(a netip.Addr, p, to iface) error {
	for _, everywhere := range s.families(netip.PrefixFrom(netip.IPv4Unspecified(), 0)) {
		route := &netlink.Route{LinkIndex: p.link.Attrs().Index, Dst: ipNet(everywhere), Gw: like(everywhere, to.address).AsSlice(), Src: like(everywhere, a).AsSlice()}
		if err := s.links.RouteReplace(route); err != nil {
			return fmt.Errorf("%s: come from %s: %w", s.name, a, err)
		}
	}
	return nil
}

// disowns takes an address from the namespace; what is for it is lost without a word.
func (s *namespace) disowns(a netip.Addr) error {
	lo, err := s.links.LinkByName("lo")
	for _, p := range s.families(alone(a)) {
		if err == nil && p.Addr().Is6() {
			err = s.links.AddrDel(lo, usable(p))
		}
		if err == nil {
			err = s.links.RouteDel(&netlink.Route{LinkIndex: lo.Attrs().Index, Dst: ipNet(p), Type: unix.RTN_LOCAL, Table: unix.RT_TABLE_LOCAL, Scope: netlink.SCOPE_HOST})
		}
		if err == nil {
			err = s.links.RouteAdd(&netlink.Route{Dst: ipNet(p), Type: unix.RTN_BLACKHOLE})
		}
	}
	if err != nil {
		return fmt.Errorf("%s: disown %s: %w", s.name, a, err)
	}
	return nil
}
