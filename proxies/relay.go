package proxies

import (
	"errors"
	"net"

	"gauntlet/proxies/network"
)

// newRelay builds a box that copies bytes between a client and one target, or,
// without a target, the address that the intercepted client dialled. It is a
// NAT box, or the place in front of a real product where its traffic is seen
// and disturbed.
func newRelay(s Spec, o Options) (Box, error) { return newTCPBox(s, o, relay) }

// relay carries one connection. A target that cannot be reached is a reset for
// the client, which is as near to a refused connection as an accepted one can
// come.
func relay(b *tcpBox, client *conn) error {
	target, err := b.target(client)
	var server *conn
	if err == nil {
		server, err = b.dial(target)
	}
	if err != nil {
		_ = network.Reset(client)
		return err
	}
	splice(client, server)
	return nil
}

// target is where the client's bytes go.
func (b *tcpBox) target(client net.Conn) (string, error) {
	if b.options.Upstream != "" {
		return b.options.Upstream, nil
	}
	address, redirected := network.OriginalDestination(client)
	if !redirected {
		return "", errors.New("no target, and the connection was not intercepted")
	}
	return address, nil
}
