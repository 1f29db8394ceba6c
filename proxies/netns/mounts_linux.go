package netns

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

func notify(children chan<- os.Signal) { signal.Notify(children, unix.SIGCHLD) }

func parse(address string) (netip.Addr, error) {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return a, fmt.Errorf("host: %w", err)
	}
	return a, nil
}

// mountNames puts files of ours in place of those by which the machine's
// programs find names. They lie in memory that only these mounts hold: when
// the last process that sees them has ended, they are gone.
func (n *Net) mountNames() error {
	folder := os.TempDir()
	if err := unix.Mount("tmpfs", folder, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=0755"); err != nil {
		return fmt.Errorf("memory for its files: %w", err)
	}
	var errs []error
	for name, text := range map[string][]byte{
		"/etc/hosts":         n.hostsFile(),
		"/etc/resolv.conf":   []byte("nameserver " + Resolver.String() + "\n"),
		"/etc/nsswitch.conf": []byte("passwd: files\ngroup: files\nhosts: files dns\n"),
	} {
		errs = append(errs, mountFile(filepath.Join(folder, filepath.Base(name)), text, name))
	}
	return errors.Join(append(errs, unix.Unmount(folder, unix.MNT_DETACH))...)
}

// mountFile mounts a file with that text over another; where there is none,
// nobody will miss it.
func mountFile(file string, text []byte, over string) error {
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return err
	}
	err := unix.Mount(file, over, "", unix.MS_BIND, "")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("names of its own at %s: %w", over, err)
	}
	return nil
}

// hostsFile names the network's hosts.
func (n *Net) hostsFile() []byte {
	text := bytes.NewBufferString("127.0.0.1 localhost\n")
	names := make([]string, 0, len(n.options.Names))
	for name := range n.options.Names {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(text, "%s %s\n", n.options.Names[name], name)
	}
	return text.Bytes()
}
