// Package greeting tells from a connection's first bytes what its client
// speaks, so that somebody who has pointed a client at the wrong port is told
// so. It knows the first bytes of protocols and nothing else of them. Servers
// of the command import it; it starts no goroutine.
package greeting

import (
	"bytes"
	"net"
	"strings"

	"gauntlet/proxies/network"
)

// Kind is what a client speaks.
type Kind string

// The kinds that are told apart.
const (
	Unknown Kind = "something unknown"
	HTTP    Kind = "HTTP"
	TLS     Kind = "TLS"
	SOCKS   Kind = "SOCKS"
	MSNP    Kind = "MSNP without HTTP"
)

// Of is what a client speaks that begins with first, and whether so few bytes
// can tell.
func Of(first []byte) (Kind, bool) {
	switch {
	case len(first) == 0:
		return Unknown, false
	case first[0] == 0x16:
		return TLS, true
	case first[0] == 4 || first[0] == 5:
		return SOCKS, true
	case first[0] == '\r' || first[0] == '\n': // a blank line before a request is nothing strange
		return HTTP, true
	}
	return ofWord(first)
}

// ofWord tells by the first word, of which HTTP's methods and MSNP's commands
// have different ones.
func ofWord(first []byte) (Kind, bool) {
	word, _, whole := bytes.Cut(first, []byte(" "))
	for kind, words := range map[Kind][]string{
		HTTP: {"POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH"},
		MSNP: {"VER", "CVR", "USR", "ANS", "INF"},
	} {
		for _, known := range words {
			if string(word) == known && whole {
				return kind, true
			}
			if !whole && strings.HasPrefix(known, string(word)) {
				return Unknown, false
			}
		}
	}
	return Unknown, true
}

// Listen makes l tell hear, once a connection and before its bytes are read,
// when a client speaks something else than wanted. hear must not block.
func Listen(l net.Listener, wanted Kind, hear func(conn net.Conn, speaks Kind)) net.Listener {
	return network.Wrap(l, func(conn net.Conn) (net.Conn, error) {
		return &heard{Conn: network.Conn{Conn: conn}, wanted: wanted, hear: hear}, nil
	})
}

// heard is a connection until it is known what its client speaks.
type heard struct {
	network.Conn
	wanted Kind
	hear   func(net.Conn, Kind)
	first  []byte
	told   bool
}

// Read reads, and tells what it is.
func (h *heard) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	if h.told || n == 0 {
		return n, err
	}
	h.first = append(h.first, p[:min(n, 16)]...)
	if kind, sure := Of(h.first); sure {
		h.told = true
		if kind != h.wanted {
			h.hear(h.NetConn(), kind)
		}
	}
	return n, err
}
