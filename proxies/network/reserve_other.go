//go:build !unix

package network

import "errors"

// Reserve is for Unix systems.
func Reserve() (address string, release func() error, err error) {
	return "", nil, errors.New("reserve a port: not on this system")
}
