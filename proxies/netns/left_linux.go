package netns

import (
	"errors"
	"net"
	"time"

	"github.com/vishvananda/netlink"
)

// looking is how often it is looked whether a connection was given up. No
// packet tells: an end that waits for acknowledgements says nothing when its
// program closes the connection.
const looking = 20 * time.Millisecond

// waitLeft calls left when the program at the connecting end has given the
// connection up, or lost it; or it ends when the network does.
func (f flow) waitLeft(done <-chan struct{}, left func(how string)) {
	_ = f.road.from.space.do(func() error {
		tick := time.NewTicker(looking)
		defer tick.Stop()
		for {
			if how := f.left(); how != "" {
				left(how)
				return nil
			}
			select {
			case <-tick.C:
			case <-done:
				return nil
			}
		}
	})
}

// left is how the connecting end has ended the connection; "" if it has not. An
// end that was closed stays for a while; one that was reset is gone at once.
func (f flow) left() string {
	socket, err := netlink.SocketGet(net.TCPAddrFromAddrPort(f.client), net.TCPAddrFromAddrPort(f.dialled))
	switch {
	case errors.Is(err, netlink.ErrDumpInterrupted):
		return "" // the next look will tell
	case err != nil || socket.State == netlink.TCP_CLOSE:
		return "RST"
	case socket.State == netlink.TCP_ESTABLISHED || socket.State == netlink.TCP_CLOSE_WAIT:
		return ""
	}
	return "FIN"
}
