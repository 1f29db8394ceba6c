package simnet

import (
	"context"
	"net"
	"net/netip"
	"strconv"
)

// resolve turns what was dialled into an address. It takes no time.
func (h *Host) resolve(address string) (netip.AddrPort, error) {
	name, port, err := split(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	ip, err := h.lookup(name)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(ip, port), nil
}

// LookupHost gives the address behind a name. It takes no time.
func (h *Host) LookupHost(_ context.Context, name string) (string, error) {
	ip, err := h.lookup(name)
	return ip.String(), err
}

// lookup finds the IP behind name as h sees it: an empty name, a loopback
// address and localhost are h itself.
func (h *Host) lookup(name string) (netip.Addr, error) {
	if !h.ip.IsValid() {
		return netip.Addr{}, &net.AddrError{Err: "host has no IP address", Addr: h.text}
	}
	if ip := parseIP(name); ip.IsLoopback() || ip.IsUnspecified() || name == "" {
		return h.ip, nil
	} else if ip.IsValid() {
		return ip, nil
	}
	if ip, known := h.net.named(name); known {
		return ip, nil
	}
	if canonical(name) == "localhost" {
		return h.ip, nil
	}
	return netip.Addr{}, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// named looks name up among the network's own.
func (n *Net) named(name string) (ip netip.Addr, known bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	ip = n.names[canonical(name)]
	return ip, ip.IsValid()
}

// split takes host:port apart. Ports are numbers: service names would be asked
// of the machine's own tables.
func split(address string) (host string, port uint16, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	number, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return "", 0, &net.AddrError{Err: "invalid port", Addr: address}
	}
	return host, uint16(number), nil
}
