package netns

import (
	"net"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// listener accepts connections that tell where they were going.
type listener struct{ *net.TCPListener }

// Accept waits for the next connection.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return &conn{c, redirectedFrom(c)}, nil
}

// conn is an accepted connection.
type conn struct {
	*net.TCPConn
	original string
}

// OriginalDestination is the host:port that the dialler asked for; "" if it is
// where the connection was accepted.
func (c *conn) OriginalDestination() string { return c.original }

// redirectedFrom asks the kernel where a connection was going before a rule
// changed it.
func redirectedFrom(c *net.TCPConn) string {
	raw, err := c.SyscallConn()
	if err != nil {
		return ""
	}
	var to netip.AddrPort
	err = raw.Control(func(fd uintptr) { to = originalDestination(fd) })
	if err != nil || !to.IsValid() || to.String() == c.LocalAddr().String() {
		return ""
	}
	return to.String()
}

// originalDestination is the socket's, from the kernel's table of connections;
// the zero value if it is not in there. The socket option gives a sockaddr_in,
// for which the library's IPv6Mreq is large enough.
func originalDestination(fd uintptr) netip.AddrPort {
	m, err := unix.GetsockoptIPv6Mreq(int(fd), unix.SOL_IP, unix.SO_ORIGINAL_DST)
	if err != nil {
		return netip.AddrPort{}
	}
	a := (*unix.RawSockaddrInet4)(unsafe.Pointer(m))
	port := (*[2]byte)(unsafe.Pointer(&a.Port))
	return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(port[0])<<8|uint16(port[1]))
}
