package proxies

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// askSocks4 wants a tunnel by SOCKS 4 or 4A.
func askSocks4(c net.Conn, box Spec, address string) error {
	host, port, err := hostPort(address)
	if err != nil {
		return err
	}
	user, _, _ := strings.Cut(box.Quirks.Login, ":")
	ip, name := net.ParseIP(host).To4(), ""
	if ip == nil {
		if box.Kind == Socks4 {
			return fmt.Errorf("SOCKS 4 carries IPv4 addresses only, not %s", host)
		}
		ip, name = net.IP{0, 0, 0, 1}, host+"\x00"
	}
	ask := binary.BigEndian.AppendUint16([]byte{4, 1}, port)
	ask = append(append(ask, ip...), user+"\x00"+name...)
	reply := make([]byte, 8)
	if err := exchangeBytes(c, ask, reply); err != nil {
		return err
	}
	if reply[1] != socks4Granted {
		return fmt.Errorf("SOCKS 4 says %d", reply[1])
	}
	return nil
}

// askSocks5 wants a tunnel by SOCKS 5.
func askSocks5(c net.Conn, box Spec, address string) error {
	host, port, err := hostPort(address)
	if err == nil {
		err = greetSocks5(c, box.Quirks.Login)
	}
	if err != nil {
		return err
	}
	ask := append([]byte{5, 1, 0, 3, byte(len(host))}, host...)
	if ip := net.ParseIP(host).To4(); ip != nil {
		ask = append([]byte{5, 1, 0, 1}, ip...)
	}
	reply := make([]byte, 4)
	if err := exchangeBytes(c, binary.BigEndian.AppendUint16(ask, port), reply); err != nil {
		return err
	}
	if reply[1] != 0 {
		return fmt.Errorf("SOCKS 5 says %d", reply[1])
	}
	return skipAddress(c, reply[3])
}

func greetSocks5(c net.Conn, login string) error {
	method := byte(0)
	if login != "" {
		method = 2
	}
	reply := make([]byte, 2)
	if err := exchangeBytes(c, []byte{5, 1, method}, reply); err != nil {
		return err
	}
	if reply[0] != 5 || reply[1] != method {
		return fmt.Errorf("SOCKS 5 chooses method %d", reply[1])
	}
	if method == 0 {
		return nil
	}
	user, password, _ := strings.Cut(login, ":")
	ask := append([]byte{1, byte(len(user))}, user...)
	ask = append(append(ask, byte(len(password))), password...)
	if err := exchangeBytes(c, ask, reply); err != nil {
		return err
	}
	if reply[1] != 0 {
		return errors.New("SOCKS 5 does not accept the password")
	}
	return nil
}

// skipAddress reads the address that a SOCKS 5 reply ends with.
func skipAddress(c net.Conn, kind byte) error {
	length := map[byte]int{1: 4, 4: 16}[kind]
	if kind == 3 {
		size := make([]byte, 1)
		if _, err := io.ReadFull(c, size); err != nil {
			return err
		}
		length = int(size[0])
	}
	_, err := io.ReadFull(c, make([]byte, length+2))
	return err
}

func exchangeBytes(c net.Conn, ask, reply []byte) error {
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
