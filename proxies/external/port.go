package external

import (
	"fmt"
	"net"
	"strconv"
)

// address is where a product will listen: the port asked for, if nobody has
// it, or a free one. Between here and the product's own bind somebody else may
// take it; the product says so then.
func address(name string, port int) (string, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return "", fmt.Errorf("%s: port %d is in use or not ours to take: choose another, or end what listens there: %w", name, port, err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}
