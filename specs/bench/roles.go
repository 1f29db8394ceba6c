//go:build unix

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"

	"gauntlet/proxies"
	"gauntlet/proxies/network"
	"gauntlet/proxies/plain"
)

// role is what this program does as another process, which listens at an address
// and sends on to another one. It ends when it is killed.
type role func(l net.Listener, origin string) error

func roles() map[string]role {
	return map[string]role{
		"forward": func(l net.Listener, origin string) error { return serveBox(l, "forward", origin) },
		"relay":   func(l net.Listener, origin string) error { return serveBox(l, "relay", origin) },
		"goproxy": serveGoproxy,
		"origin":  serveOrigin,
		"copy":    serveCopy,
	}
}

// playRole serves, if that is what the arguments say: role, address, origin.
func playRole(args []string) (is bool, err error) {
	switch {
	case slices.Equal(args, []string{virtualRole}):
		workInBubbles()
	case slices.Equal(args, []string{bareRole}), slices.Equal(args, []string{gatewayRole}):
		return true, serveCounted(args[0])
	}
	if len(args) != 3 || roles()[args[0]] == nil {
		return false, nil
	}
	l, err := net.Listen("tcp", args[1])
	if err != nil {
		return true, err
	}
	return true, roles()[args[0]](l, args[2])
}

// allTo is a network in which every name is the origin's.
type allTo struct {
	network.Loopback
	origin string
}

func (n *allTo) DialContext(ctx context.Context, kind, _ string) (net.Conn, error) {
	return n.Loopback.DialContext(ctx, kind, n.origin)
}

func serveBox(l net.Listener, text, origin string) error {
	spec, err := proxies.ParseSpec(text)
	if err != nil {
		return err
	}
	box, err := proxies.New(spec, proxies.Options{Network: &allTo{origin: origin}, Upstream: origin})
	if err != nil {
		return err
	}
	return box.Serve(l)
}

// serveGoproxy is goproxy as one would set it up.
func serveGoproxy(l net.Listener, origin string) error {
	return http.Serve(l, plain.Proxy((&allTo{origin: origin}).DialContext))
}

// serveCopy is a relay of a few lines, which the kernel can splice.
func serveCopy(l net.Listener, origin string) error {
	return serveEach(l, func(c net.Conn) {
		s, err := net.Dial("tcp", origin)
		if err != nil {
			return
		}
		defer s.Close()
		go func() { io.Copy(s, c); s.(*net.TCPConn).CloseWrite() }()
		io.Copy(c, s)
	})
}

// serveOrigin answers whatever is asked with the same few bytes, in one write.
func serveOrigin(l net.Listener, _ string) error {
	answer := []byte("HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=1.2; GW-IP=gw\r\nContent-Length: 5\r\n\r\nhello")
	return serveEach(l, func(c net.Conn) {
		in := bufio.NewReader(c)
		for {
			if err := readMessage(in, nil); err != nil {
				return
			}
			if _, err := c.Write(answer); err != nil {
				return
			}
		}
	})
}

// serveEach serves each connection and closes it then.
func serveEach(l net.Listener, serve func(net.Conn)) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return fmt.Errorf("accept: %w", err)
		}
		go func() {
			defer c.Close()
			serve(c)
		}()
	}
}
