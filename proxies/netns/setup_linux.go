package netns

import (
	"fmt"
	"net/netip"
	"os"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// memory is where temporary files of a process in namespaces lie: they are gone
// with it, however it ends.
const memory = "/dev/shm"

// setUp makes the namespaces of a new process fit to live in. No mount comes
// to the machine's own from here.
func setUp() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("in namespaces: keep mounts apart: %w", err)
	}
	if err := ownMemory(); err != nil {
		return fmt.Errorf("in namespaces: %w", err)
	}
	// What of the machine's processes can be seen is of no importance, so that a
	// container that keeps its own /proc is none either.
	_ = unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	lo, err := netlink.LinkByName("lo")
	if err == nil {
		err = netlink.LinkSetUp(lo)
	}
	if err != nil {
		return fmt.Errorf("in namespaces: the loopback interface: %w", err)
	}
	return nil
}

// ownMemory is for temporary files. What the caller has in the machine's would
// be hidden by it: then that is used on.
func ownMemory() error {
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	for _, file := range append([]string{here}, os.Args...) {
		if strings.HasPrefix(file+"/", memory+"/") {
			return nil
		}
	}
	if unix.Mount("tmpfs", memory, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777") != nil {
		return nil // then they lie where they usually do
	}
	return os.Setenv("TMPDIR", memory)
}

// probe tries what a network needs and says on stderr what does not work. It
// returns the exit code.
func probe() int {
	err := setUp()
	if err == nil {
		err = os.Setenv(roleKey, inside)
	}
	if err == nil {
		err = tryNetwork()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// tryNetwork makes a small network with all that the large ones have.
func tryNetwork() error {
	place := func(a, b, c, d byte) Place { return Place{Address: netip.AddrFrom4([4]byte{a, b, c, d}), Bits: 24} }
	n, err := New(Options{
		Arms:    []Arm{{Places: []Place{place(10, 0, 0, 2), place(10, 1, 1, 1)}, Translated: true}},
		Servers: place(10, 9, 0, 80),
	})
	if err != nil {
		return err
	}
	if err := n.Redirect("10.0.0.2", 80, "10.1.1.1:3129"); err != nil {
		_ = n.Close() // the first error says it
		return err
	}
	return n.Close()
}
