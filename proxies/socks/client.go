package socks

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// Ask wants a tunnel to address, host:port, from the server at the other end of
// c. Names are left to the server, which SOCKS 4 cannot be told: there the host
// has to be an IPv4 address. After nil, c is the tunnel; nothing of it was read.
func (p Protocol) Ask(c io.ReadWriter, address string) error {
	host, port, err := hostPort(address)
	if err != nil {
		return err
	}
	if p.Version == V5 {
		return p.ask5(c, host, port)
	}
	return p.ask4(c, host, port)
}

func (p Protocol) ask4(c io.ReadWriter, host string, port uint16) error {
	user, _, _ := strings.Cut(p.Login, ":")
	ip, name := net.ParseIP(host).To4(), ""
	if ip == nil {
		if p.Version == V4 {
			return fmt.Errorf("SOCKS 4 carries IPv4 addresses only, not %s", host)
		}
		ip, name = net.IP{0, 0, 0, 1}, host+"\x00"
	}
	ask := binary.BigEndian.AppendUint16([]byte{4, connect}, port)
	ask = append(append(ask, ip...), user+"\x00"+name...)
	reply := make([]byte, 8)
	if err := exchange(c, ask, reply); err != nil {
		return err
	}
	if reply[1] != socks4Granted {
		return fmt.Errorf("SOCKS 4 says %d", reply[1])
	}
	return nil
}

func (p Protocol) ask5(c io.ReadWriter, host string, port uint16) error {
	if err := p.greet5(c); err != nil {
		return err
	}
	ask := append([]byte{5, connect, 0, socks5Name, byte(len(host))}, host...)
	if ip := net.ParseIP(host).To4(); ip != nil {
		ask = append([]byte{5, connect, 0, socks5IPv4}, ip...)
	}
	reply := make([]byte, 4)
	if err := exchange(c, binary.BigEndian.AppendUint16(ask, port), reply); err != nil {
		return err
	}
	if reply[1] != 0 {
		return fmt.Errorf("SOCKS 5 says %d", reply[1])
	}
	_, err := readAddress5(c, reply[3]) // where the server dialled from: nobody wants to know
	return err
}

func (p Protocol) greet5(c io.ReadWriter) error {
	method := byte(socks5NoLogin)
	if p.Login != "" {
		method = socks5Password
	}
	reply := make([]byte, 2)
	if err := exchange(c, []byte{5, 1, method}, reply); err != nil {
		return err
	}
	if reply[0] != 5 || reply[1] != method {
		return fmt.Errorf("SOCKS 5 chooses method %d", reply[1])
	}
	if method == socks5NoLogin {
		return nil
	}
	user, password, _ := strings.Cut(p.Login, ":")
	ask := append([]byte{1, byte(len(user))}, user...)
	ask = append(append(ask, byte(len(password))), password...)
	if err := exchange(c, ask, reply); err != nil {
		return err
	}
	if reply[1] != 0 {
		return errors.New("SOCKS 5 does not accept the password")
	}
	return nil
}

func exchange(c io.ReadWriter, ask, reply []byte) error {
	if _, err := c.Write(ask); err != nil {
		return err
	}
	_, err := io.ReadFull(c, reply)
	return err
}

func hostPort(address string) (string, uint16, error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if len(host) > 255 {
		err = fmt.Errorf("the name %q is too long", host)
	}
	return host, uint16(port), err
}
