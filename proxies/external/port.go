package external

import (
	"fmt"
	"net"
	"strconv"
)

// listen binds the port that a product will listen on: the one asked for, if
// nobody has it, or a free one. A product that does not inherit the socket
// binds the port itself; in between somebody else may take it, and the product
// says so then.
func listen(name string, port int) (*net.TCPListener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("%s: port %d is in use or not ours to take: choose another, or end what listens there: %w", name, port, err)
	}
	return l.(*net.TCPListener), nil
}
