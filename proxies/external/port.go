package external

import (
	"fmt"
	"net"
	"strconv"

	"gauntlet/proxies/network"
)

// place finds where the product will listen: at the port asked for, if nobody
// has it, or at a free one. release is to be called when the product is ready,
// or has failed. A product that binds its port itself may take a second for
// that; until then a free port is kept from others, unless unkept says that
// the product cannot bind one that is kept.
func (c *command) place(port int, unkept bool) (release func() error, err error) {
	switch {
	case c.Inherits:
		return c.inherit(port)
	case port == 0 && !unkept:
		c.addr, release, err = network.Reserve()
		return release, err
	}
	l, err := listen(c.Name, port)
	if err != nil {
		return nil, err
	}
	c.addr = l.Addr().String()
	return nothing, l.Close()
}

// inherit opens the socket that the product is handed.
func (c *command) inherit(port int) (release func() error, err error) {
	l, err := listen(c.Name, port)
	if err != nil {
		return nil, err
	}
	defer func() { _ = l.Close() }() // the file is a copy
	c.addr = l.Addr().String()
	if c.socket, err = l.File(); err != nil {
		return nil, fmt.Errorf("%s: its socket: %w", c.Name, err)
	}
	return nothing, nil
}

func nothing() error { return nil }

func listen(name string, port int) (*net.TCPListener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("%s: port %d is in use or not ours to take: choose another, or end what listens there: %w", name, port, err)
	}
	return l.(*net.TCPListener), nil
}
