package netns

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// namespace is a network namespace. It ends when it is closed and its last
// socket is.
type namespace struct {
	name   string // for messages
	handle netns.NsHandle
	links  *netlink.Handle
	ipv6   bool // it knows that family, too
	ether  int  // interfaces so far
}

// newNamespace makes a namespace with nothing but a loopback interface. The thread
// that made it is of no further use, and ends.
func newNamespace(name string, ipv6 bool) (*namespace, error) {
	s := &namespace{name: name, handle: netns.None(), ipv6: ipv6}
	err := onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("make a network namespace: %w", err)
		}
		var err error
		if s.handle, err = netns.GetFromPath("/proc/thread-self/ns/net"); err != nil {
			return fmt.Errorf("find the network namespace: %w", err)
		}
		return settle(ipv6)
	})
	if err == nil {
		s.links, err = netlink.NewHandleAt(s.handle)
	}
	if err == nil {
		err = s.up("lo")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), s.close())
	}
	return s, nil
}

// onThread runs f on a thread of its own, which ends with it.
func onThread(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread's namespaces are changed
		done <- f()
	}()
	return <-done
}

// do runs f in the namespace; sockets that it makes stay there.
func (s *namespace) do(f func() error) error {
	return onThread(func() error {
		if err := netns.Set(s.handle); err != nil {
			return fmt.Errorf("%s: enter the network namespace: %w", s.name, err)
		}
		return f()
	})
}

// settle chooses how the namespace of this thread treats packets: it hands on what is for
// others, and knows IPv6 where that is wanted.
func settle(ipv6 bool) error {
	if err := set("ipv4/ip_forward", "1"); err != nil {
		return err
	}
	chosen := map[string]string{"disable_ipv6": "1"}
	if ipv6 {
		if err := set("ipv6/ip_nonlocal_bind", "1"); err != nil { // a network that a host owns is no address of its
			return fmt.Errorf("IPv6: %w", err)
		}
		chosen = map[string]string{"forwarding": "1", "accept_dad": "0"} // else a second more goes by before anybody is found
	}
	for _, which := range []string{"all", "default"} {
		for name, value := range chosen {
			if err := set("ipv6/conf/"+which+"/"+name, value); err != nil && (ipv6 || !errors.Is(err, os.ErrNotExist)) {
				return fmt.Errorf("IPv6: %w", err)
			}
		}
	}
	return nil
}

func set(name, value string) error {
	return os.WriteFile("/proc/sys/net/"+name, []byte(value), 0o644)
}

func (s *namespace) up(name string) error {
	link, err := s.links.LinkByName(name)
	if err == nil {
		err = s.links.LinkSetUp(link)
	}
	if err != nil {
		return fmt.Errorf("interface %s: %w", name, err)
	}
	return nil
}

// nextEther names the next interface.
func (s *namespace) nextEther() string {
	s.ether++
	return "eth" + strconv.Itoa(s.ether-1)
}

// owns makes all of a network local to the namespace, in the given table of routes.
func (s *namespace) owns(network netip.Prefix, table int) error {
	lo, err := s.links.LinkByName("lo")
	for _, p := range s.families(network) {
		if err == nil {
			err = s.links.RouteAdd(&netlink.Route{
				LinkIndex: lo.Attrs().Index, Dst: ipNet(p), Type: unix.RTN_LOCAL, Table: table, Scope: netlink.SCOPE_HOST,
			})
		}
	}
	if err != nil {
		return fmt.Errorf("%s: own %s: %w", s.name, network, err)
	}
	return nil
}

// has gives the namespace an address that its own connections may come from by themselves.
func (s *namespace) has(a netip.Addr) error {
	lo, err := s.links.LinkByName("lo")
	if err == nil {
		err = s.links.AddrAdd(lo, usable(alone(a)))
	}
	if err != nil {
		return fmt.Errorf("%s: address %s: %w", s.name, a, err)
	}
	return nil
}

// usable is an address with its network, in use from the first moment on. To ask whether
// somebody else has it, as IPv6 does, leaves it unusable meanwhile.
func usable(p netip.Prefix) *netlink.Addr {
	a := &netlink.Addr{IPNet: &net.IPNet{IP: p.Addr().AsSlice(), Mask: ipNet(p).Mask}}
	if p.Addr().Is6() {
		a.Flags = unix.IFA_F_NODAD
	}
	return a
}

// families are a network of IPv4 and, where the namespace knows IPv6, the one beside it.
func (s *namespace) families(p netip.Prefix) []netip.Prefix {
	if s.ipv6 {
		return []netip.Prefix{p, sixBeside(p)}
	}
	return []netip.Prefix{p}
}

func (s *namespace) close() error {
	if s.links != nil {
		s.links.Close()
	}
	if !s.handle.IsOpen() {
		return nil
	}
	return s.handle.Close()
}
