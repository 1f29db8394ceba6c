package proxies

import (
	"errors"
	"fmt"
	"io"
)

// newSocks builds a SOCKS server of version 4, 4A or 5. It makes tunnels to
// whatever is named (CONNECT); BIND and UDP are refused. What is not SOCKS, an
// HTTP request for one, gets its connection closed without an answer.
//
// Quirk `login user:password` (Quirks.Login): who does not give it is turned
// away. SOCKS 4 has no passwords: there it is the user alone that must match.
func newSocks(s Spec, o Options) (Box, error) {
	if s.Kind == Socks5 {
		return newTCPBox(s, o, func(b *tcpBox, c *conn) error { return b.socks(c, 5, b.readSocks5, replySocks5) })
	}
	return newTCPBox(s, o, func(b *tcpBox, c *conn) error { return b.socks(c, 4, b.readSocks4, replySocks4) })
}

// socks serves one connection.
func (b *tcpBox) socks(client *conn, version byte, read func(*conn) (string, error), reply func(io.Writer, error) error) error {
	first, err := readByte(client)
	if err != nil {
		return nil // a client that leaves without a word
	}
	if first != version {
		return fmt.Errorf("not SOCKS %d: the first byte is 0x%02x", version, first)
	}
	address, err := read(client)
	if err != nil {
		return err
	}
	server, err := b.dial(address)
	if failed := reply(client, err); failed != nil || err != nil {
		if server != nil {
			_ = server.Close() // the client is gone
		}
		return errors.Join(err, failed)
	}
	splice(client, server)
	return nil
}

// Reading byte by byte is slow and takes nothing that belongs to the tunnel.

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
