//go:build !linux

package netns

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"runtime"

	"gauntlet/proxies/network"
)

func unavailable() error {
	return fmt.Errorf("%w: network namespaces are Linux's, and this is %s", errUnavailable, runtime.GOOS)
}

// PlayRole does nothing on this system.
func PlayRole() error { return nil }

// Inside is false on this system.
func Inside() bool { return false }

// Missing says that this is not the system for it.
func Missing(context.Context) error { return unavailable() }

// Reexec says that this is not the system for it.
func Reexec(context.Context) (int, error) { return 0, unavailable() }

// Confined starts cmd as it is.
func Confined(cmd *exec.Cmd) error { return cmd.Start() }

// Net cannot be made on this system.
type Net struct{}

// New says that this is not the system for it.
func New(Options) (*Net, error) { return nil, unavailable() }

// Host is never called on this system, nor are the other methods.
func (*Net) Host(string) network.Network { return nil }

// Listen is never called on this system.
func (*Net) Listen(string) (net.Listener, error) { return nil, unavailable() }

// Redirect is never called on this system.
func (*Net) Redirect(string, int, string) error { return unavailable() }

// Lead is never called on this system.
func (*Net) Lead(string, string) error { return unavailable() }

// Move is never called on this system.
func (*Net) Move(string, string) error { return unavailable() }

// Block is never called on this system.
func (*Net) Block(string, int) error { return unavailable() }

// Unplug is never called on this system.
func (*Net) Unplug(string) (func() error, error) { return nil, unavailable() }

// Start is never called on this system.
func (*Net) Start(string, *exec.Cmd) error { return unavailable() }

// Kill is never called on this system.
func (*Net) Kill(net.Conn) error { return unavailable() }

// Forget is never called on this system.
func (*Net) Forget(net.Conn, func(string)) error { return unavailable() }

// Reject is never called on this system.
func (*Net) Reject(net.Conn, func(string)) error { return unavailable() }

// Lose is never called on this system.
func (*Net) Lose(net.Conn, bool, func(string)) (func() error, error) { return nil, unavailable() }

// Arrived is never called on this system.
func (*Net) Arrived(net.Conn) bool { return false }

// Left is never called on this system.
func (*Net) Left(net.Conn) (string, error) { return "", unavailable() }

// Capture is never called on this system.
func (*Net) Capture(string, func(Packet)) (*Capture, error) { return nil, unavailable() }

// Capture cannot be made on this system.
type Capture struct{}

// Close is never called on this system.
func (*Capture) Close() error { return nil }

// Close is never called on this system.
func (*Net) Close() error { return nil }
