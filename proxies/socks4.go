package proxies

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// What a SOCKS 4 server says.
const (
	socks4Granted    = 90
	socks4Failed     = 91
	socks4WrongLogin = 93
)

// readSocks4 reads a request after its version and gives the address wanted.
func (b *tcpBox) readSocks4(c *conn) (string, error) {
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
	if b.spec.Kind == Socks4a && ip[0] == 0 && ip[1] == 0 && ip[2] == 0 && ip[3] != 0 {
		if host, err = readText(c); err != nil {
			return "", err
		}
	}
	if fixed[0] != 1 {
		return "", errors.Join(fmt.Errorf("SOCKS 4 command %d", fixed[0]), sayInSocks4(c, socks4Failed))
	}
	if wanted, _, _ := strings.Cut(b.spec.Quirks.Login, ":"); wanted != "" && user != wanted {
		return "", errors.Join(fmt.Errorf("SOCKS 4 user %q", user), sayInSocks4(c, socks4WrongLogin))
	}
	return net.JoinHostPort(host, fmt.Sprint(port)), nil
}

// replySocks4 tells how dialling went.
func replySocks4(w io.Writer, dialled error) error {
	if dialled != nil {
		return sayInSocks4(w, socks4Failed)
	}
	return sayInSocks4(w, socks4Granted)
}

func sayInSocks4(w io.Writer, code byte) error {
	_, err := w.Write([]byte{0, code, 0, 0, 0, 0, 0, 0})
	return err
}
