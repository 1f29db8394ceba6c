package main

import (
	"net"
	"net/netip"
	"testing"
)

// TestOthersReachNothingOfThisMachine asks a box that others can use for addresses
// of the machine and of its networks, in each way to write them.
func TestOthersReachNothingOfThisMachine(t *testing.T) {
	inside := []string{
		"127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
		"::1", "::", "fd00::1", "fe80::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::1", "2002:c0a8:1::", "::127.0.0.1", "::10.0.0.1", "::ffff:0:7f00:1",
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		inside = append(inside, a.(*net.IPNet).IP.String())
	}
	others := &reach{public: true}
	for _, text := range inside {
		if others.check(netip.AddrPortFrom(netip.MustParseAddr(text), 80), false) == nil {
			t.Errorf("others reach %s", text)
		}
	}
	for _, text := range []string{"198.51.100.7", "2001:db8::1", "64:ff9b::c633:6407", "2002:c633:6407::1"} {
		if err := others.check(netip.AddrPortFrom(netip.MustParseAddr(text), 80), false); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
