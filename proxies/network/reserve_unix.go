//go:build unix

package network

import (
	"fmt"
	"net"
	"syscall"
)

// Reserve keeps a free port of 127.0.0.1 from being given to anybody else until
// release is called. Nobody listens there: who dials it is refused. Its owner
// may listen there, cease to, and listen again.
func Reserve() (address string, release func() error, err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		return "", nil, fmt.Errorf("reserve a port: %w", err)
	}
	syscall.CloseOnExec(fd)
	address, err = bindFree(fd)
	if err != nil {
		_ = syscall.Close(fd) // it was never of use
		return "", nil, fmt.Errorf("reserve a port: %w", err)
	}
	return address, func() error { return syscall.Close(fd) }, nil
}

// bindFree binds without listening. A listener may share the address with such
// a socket if both say that they would; Go's do.
func bindFree(fd int) (string, error) {
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return "", err
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return "", err
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s:%d", net.IPv4(127, 0, 0, 1), name.(*syscall.SockaddrInet4).Port), nil
}
