package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net"
	"strconv"
	"syscall"

	"github.com/dustin/go-humanize"
)

// listenOn binds address for what the user calls name. The error says what to
// do about it.
func listenOn(name, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s %s: something else listens there: choose another port, or 0 for a free one", name, address)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s %s: ports below 1024 need a permission: choose another, or allow it once: sudo setcap cap_net_bind_service=+ep $(command -v gauntlet)", name, address)
	}
	return nil, fmt.Errorf("%s %s: %w", name, address, err)
}

// warnPublic says so when others can use what listens at address.
func warnPublic(out io.Writer, address, what string) {
	if isPublic(address) {
		fmt.Fprintf(out, "gauntlet: warning: %s is not on the loopback interface: others can use %s\n", address, what)
	}
}

// isPublic reports whether others can use what listens at a host, or host:port.
func isPublic(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(host)
	return host != "localhost" && (ip == nil || !ip.IsLoopback())
}

// typed is where l listens as somebody can type it: where that is all addresses
// of this machine, one that others may reach.
func typed(l net.Listener) string {
	a, is := l.Addr().(*net.TCPAddr)
	if !is || !a.IP.IsUnspecified() {
		return l.Addr().String()
	}
	return net.JoinHostPort(outward().String(), strconv.Itoa(a.Port))
}

func outward() net.IP {
	all, _ := net.InterfaceAddrs() // without any, loopback is all that there is
	for _, a := range all {
		if n, is := a.(*net.IPNet); is && n.IP.IsGlobalUnicast() && n.IP.To4() != nil {
			return n.IP
		}
	}
	return net.IPv4(127, 0, 0, 1)
}

// parseSize reads a number of bytes such as 64KiB, 10MB or 4096; "" is 0. flag
// names the place in errors.
func parseSize(flag, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := humanize.ParseBytes(text)
	if err != nil || n == 0 || n > math.MaxInt64/2 {
		return 0, fmt.Errorf("%s %q: want a number of bytes such as 65536, 256KiB or 1GiB", flag, text)
	}
	return int64(n), nil
}
