package proxies

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
)

// What a SOCKS 5 server says, RFC 1928.
const (
	socks5NoLogin    = 0
	socks5Password   = 2
	socks5NoMethod   = 0xff
	socks5Failed     = 1
	socks5NoHost     = 4
	socks5Refused    = 5
	socks5TimedOut   = 6
	socks5NoCommand  = 7
	socks5IPv4       = 1
	socks5Name       = 3
	socks5IPv6       = 4
	socks5WrongLogin = 1
)

// readSocks5 greets the client after its version and gives the address wanted.
func (b *tcpBox) readSocks5(c *conn) (string, error) {
	methods, err := readSized(c)
	if err == nil {
		err = b.admitSocks5(c, methods)
	}
	if err != nil {
		return "", err
	}
	fixed := make([]byte, 4) // version, command, nothing, kind of address
	if _, err := io.ReadFull(c, fixed); err != nil {
		return "", err
	}
	if fixed[1] != 1 {
		return "", errors.Join(fmt.Errorf("SOCKS 5 command %d", fixed[1]), sayInSocks5(c, socks5NoCommand))
	}
	return readSocks5Address(c, fixed[3])
}

// admitSocks5 chooses how the client shows who it is, and sees to it.
func (b *tcpBox) admitSocks5(c *conn, methods string) error {
	method := byte(socks5NoLogin)
	if b.spec.Quirks.Login != "" {
		method = socks5Password
	}
	if !bytes.Contains([]byte(methods), []byte{method}) {
		_, err := c.Write([]byte{5, socks5NoMethod})
		return errors.Join(fmt.Errorf("SOCKS 5 methods %v", []byte(methods)), err)
	}
	if _, err := c.Write([]byte{5, method}); err != nil || method == socks5NoLogin {
		return err
	}
	return b.checkPassword(c)
}

// checkPassword is RFC 1929.
func (b *tcpBox) checkPassword(c *conn) error {
	if _, err := readByte(c); err != nil {
		return err
	}
	user, err := readSized(c)
	if err != nil {
		return err
	}
	password, err := readSized(c)
	if err != nil {
		return err
	}
	wantedUser, wantedPassword, _ := strings.Cut(b.spec.Quirks.Login, ":")
	if user != wantedUser || password != wantedPassword {
		_, err := c.Write([]byte{1, socks5WrongLogin})
		return errors.Join(fmt.Errorf("SOCKS 5 user %q", user), err)
	}
	_, err = c.Write([]byte{1, 0})
	return err
}

func readSocks5Address(c *conn, kind byte) (host string, err error) {
	switch kind {
	case socks5Name:
		host, err = readSized(c)
	case socks5IPv4, socks5IPv6:
		ip := make(net.IP, map[byte]int{socks5IPv4: 4, socks5IPv6: 16}[kind])
		_, err = io.ReadFull(c, ip)
		host = ip.String()
	default:
		err = fmt.Errorf("SOCKS 5 address of kind %d", kind)
	}
	if err != nil {
		return "", err
	}
	port := make([]byte, 2)
	_, err = io.ReadFull(c, port)
	return net.JoinHostPort(host, fmt.Sprint(binary.BigEndian.Uint16(port))), err
}

// replySocks5 tells how dialling went.
func replySocks5(w io.Writer, dialled error) error {
	var name *net.DNSError
	switch {
	case dialled == nil:
		return sayInSocks5(w, 0)
	case errors.Is(dialled, syscall.ECONNREFUSED):
		return sayInSocks5(w, socks5Refused)
	case errors.As(dialled, &name):
		return sayInSocks5(w, socks5NoHost)
	case isTimeout(dialled):
		return sayInSocks5(w, socks5TimedOut)
	}
	return sayInSocks5(w, socks5Failed)
}

func sayInSocks5(w io.Writer, code byte) error {
	_, err := w.Write([]byte{5, code, 0, socks5IPv4, 0, 0, 0, 0, 0, 0})
	return err
}
