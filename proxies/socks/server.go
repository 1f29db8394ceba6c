// Package socks speaks SOCKS 4, 4A and 5 on a connection, from either end: what
// is asked for, and what is said to it. It dials nothing, copies nothing and
// starts no goroutine. Boxes import it.
package socks

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"gauntlet/proxies/network"
)

// Version is a version of the protocol.
type Version string

// The versions.
const (
	V4  Version = "4"  // addresses only
	V4a Version = "4a" // names as well
	V5  Version = "5"  // RFC 1928, with a password (RFC 1929) where one is wanted
)

// Protocol is a version, and the user (and password) that the server wants.
type Protocol struct {
	Version Version
	Login   string // user or user:password; "" admits everybody. SOCKS 4 has no passwords: there the user alone must match
}

// ErrSilent is Accept's error for a client that asks for nothing.
var ErrSilent = errors.New("the client left without a word")

// What a server says.
const (
	socks4Granted    = 90
	socks4Failed     = 91
	socks4WrongLogin = 93

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

const connect = 1 // the only command that is served

// Accept reads what a client asks for and returns the address that it wants a
// tunnel to. A client that is turned away (another version, BIND or UDP, the
// wrong user) has been told so, where its protocol has a word for it. ErrSilent
// means that it left without a word. It reads byte by byte where it must: that is
// slow and takes nothing that belongs to the tunnel.
func (p Protocol) Accept(c io.ReadWriter) (address string, err error) {
	first, err := readByte(c)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrSilent, err)
	}
	if first != p.firstByte() {
		return "", fmt.Errorf("not SOCKS %d: the first byte is 0x%02x", p.firstByte(), first)
	}
	if p.Version == V5 {
		return p.accept5(c)
	}
	return p.accept4(c)
}

// Reply tells the client how dialling went; nil is well.
func (p Protocol) Reply(w io.Writer, dialled error) error {
	if p.Version == V5 {
		return say5(w, failure5(dialled))
	}
	if dialled != nil {
		return say4(w, socks4Failed)
	}
	return say4(w, socks4Granted)
}

func (p Protocol) firstByte() byte {
	if p.Version == V5 {
		return 5
	}
	return 4
}

func (p Protocol) accept4(c io.ReadWriter) (string, error) {
	fixed := make([]byte, 7) // command, port, address
	if _, err := io.ReadFull(c, fixed); err != nil {
		return "", err
	}
	user, err := readText(c)
	if err != nil {
		return "", err
	}
	port, ip := binary.BigEndian.Uint16(fixed[1:]), net.IP(fixed[3:7])
	host := ip.String()
	if p.Version == V4a && ip[0] == 0 && ip[1] == 0 && ip[2] == 0 && ip[3] != 0 {
		if host, err = readText(c); err != nil {
			return "", err
		}
	}
	if fixed[0] != connect {
		return "", errors.Join(fmt.Errorf("SOCKS 4 command %d", fixed[0]), say4(c, socks4Failed))
	}
	if wanted, _, _ := strings.Cut(p.Login, ":"); wanted != "" && user != wanted {
		return "", errors.Join(fmt.Errorf("SOCKS 4 user %q", user), say4(c, socks4WrongLogin))
	}
	return net.JoinHostPort(host, fmt.Sprint(port)), nil
}

func (p Protocol) accept5(c io.ReadWriter) (string, error) {
	methods, err := readSized(c)
	if err == nil {
		err = p.admit5(c, methods)
	}
	if err != nil {
		return "", err
	}
	fixed := make([]byte, 4) // version, command, nothing, kind of address
	if _, err := io.ReadFull(c, fixed); err != nil {
		return "", err
	}
	if fixed[1] != connect {
		return "", errors.Join(fmt.Errorf("SOCKS 5 command %d", fixed[1]), say5(c, socks5NoCommand))
	}
	return readAddress5(c, fixed[3])
}

// admit5 chooses how the client shows who it is, and sees to it.
func (p Protocol) admit5(c io.ReadWriter, methods string) error {
	method := byte(socks5NoLogin)
	if p.Login != "" {
		method = socks5Password
	}
	if !strings.Contains(methods, string([]byte{method})) {
		_, err := c.Write([]byte{5, socks5NoMethod})
		return errors.Join(fmt.Errorf("SOCKS 5 methods %v", []byte(methods)), err)
	}
	if _, err := c.Write([]byte{5, method}); err != nil || method == socks5NoLogin {
		return err
	}
	return p.checkPassword(c)
}

// checkPassword is RFC 1929.
func (p Protocol) checkPassword(c io.ReadWriter) error {
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
	wantedUser, wantedPassword, _ := strings.Cut(p.Login, ":")
	if user != wantedUser || password != wantedPassword {
		_, err := c.Write([]byte{1, socks5WrongLogin})
		return errors.Join(fmt.Errorf("SOCKS 5 user %q", user), err)
	}
	_, err = c.Write([]byte{1, 0})
	return err
}

func readAddress5(c io.Reader, kind byte) (host string, err error) {
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

// failure5 is what SOCKS 5 says of a dial that failed.
func failure5(dialled error) byte {
	var name *net.DNSError
	switch {
	case dialled == nil:
		return 0
	case errors.Is(dialled, syscall.ECONNREFUSED):
		return socks5Refused
	case errors.As(dialled, &name):
		return socks5NoHost
	case network.IsTimeout(dialled):
		return socks5TimedOut
	}
	return socks5Failed
}

func say4(w io.Writer, code byte) error {
	_, err := w.Write([]byte{0, code, 0, 0, 0, 0, 0, 0})
	return err
}

func say5(w io.Writer, code byte) error {
	_, err := w.Write([]byte{5, code, 0, socks5IPv4, 0, 0, 0, 0, 0, 0})
	return err
}

func readByte(r io.Reader) (byte, error) {
	one := make([]byte, 1)
	_, err := io.ReadFull(r, one)
	return one[0], err
}

// readText reads up to a zero byte, as SOCKS 4 ends its texts.
func readText(r io.Reader) (string, error) {
	for text := []byte{}; len(text) < 256; {
		b, err := readByte(r)
		if err != nil || b == 0 {
			return string(text), err
		}
		text = append(text, b)
	}
	return "", errors.New("a text of more than 255 bytes")
}

// readSized reads a text that its length precedes, as SOCKS 5 does.
func readSized(r io.Reader) (string, error) {
	size, err := readByte(r)
	if err != nil {
		return "", err
	}
	text := make([]byte, size)
	_, err = io.ReadFull(r, text)
	return string(text), err
}
