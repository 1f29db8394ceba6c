package netns

import (
	"errors"
	"fmt"
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
	ether  int // interfaces so far
}

// newNamespace makes a namespace with nothing but a loopback interface. The thread
// that made it is of no further use, and ends.
func newNamespace(name string) (*namespace, error) {
	s := &namespace{name: name, handle: netns.None()}
	err := onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("make a network namespace: %w", err)
		}
		var err error
		if s.handle, err = netns.GetFromPath("/proc/thread-self/ns/net"); err != nil {
			return fmt.Errorf("find the network namespace: %w", err)
		}
		return settle()
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

// settle chooses how the namespace of this thread treats packets: it hands on
// what is for others, and knows only IPv4.
func settle() error {
	if err := set("ipv4/ip_forward", "1"); err != nil {
		return err
	}
	for _, which := range []string{"all", "default"} {
		if err := set("ipv6/conf/"+which+"/disable_ipv6", "1"); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
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

func (s *namespace) close() error {
	if s.links != nil {
		s.links.Close()
	}
	if !s.handle.IsOpen() {
		return nil
	}
	return s.handle.Close()
}
