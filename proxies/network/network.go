// Package network is the door between everything that dials or listens and
// the network that carries it: an in-memory one (proxies/simnet) in virtual
// time, the loopback interface on real sockets. It knows addresses and
// connections, nothing of HTTP.
package network

import (
	"context"
	"net"
)

// Network is what a client, a box or a server needs of the network it stands
// on. Addresses are host:port; names are resolved by the network itself, never
// by the machine's resolver. The methods are safe for concurrent use; what
// they return is owned by the caller.
type Network interface {
	// Listen binds address. An empty host means the participant's own address,
	// port 0 a free port. A taken address is an error that names it.
	Listen(address string) (net.Listener, error)
	// DialContext connects to address; network is "tcp". Where nobody listens
	// the error satisfies errors.Is(err, syscall.ECONNREFUSED).
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
	// LookupHost gives the addresses behind a name, at least one, for those who
	// cannot leave that to whom they ask: SOCKS 4 carries addresses only. An address
	// is given back as it is.
	LookupHost(ctx context.Context, name string) ([]string, error)
}

// Redirected is implemented by accepted connections that the network brought
// to another listener than the one that was dialled (transparent interception).
type Redirected interface {
	// OriginalDestination is the host:port that the dialler asked for.
	OriginalDestination() string
}

// CloseWriter ends one's own direction of a connection and keeps reading.
type CloseWriter interface{ CloseWrite() error }

// CloseReader refuses what the peer still sends and keeps writing.
type CloseReader interface{ CloseRead() error }

// Lingerer lets Close become a reset: SetLinger(0), then Close, sends RST
// instead of FIN and drops what was not yet delivered.
type Lingerer interface{ SetLinger(seconds int) error }
