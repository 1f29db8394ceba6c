package network

import (
	"context"
	"fmt"
	"net"
	"strings"
	"syscall"
)

// Loopback is the real network, held to this machine: it listens on 127.0.0.1
// and dials nothing else. The zero value is ready.
type Loopback struct {
	// Routes maps protocol addresses (gateway.messenger.hotmail.com:80) to the
	// real listeners that stand for them (127.0.0.1:43211).
	Routes map[string]string
	// Below maps domains with a port (msn.com:443) to the listeners that stand
	// for all other names below them.
	Below map[string]string
	// Names are the protocol addresses (10.9.0.80) behind protocol names.
	Names map[string]string
	// Only says that nothing is reached but what Routes name: whoever uses a box
	// of ours must not get at other servers of this machine.
	Only bool
	// OnDial, when set, hears of every attempt before it is made.
	OnDial func(address string)
}

// Listen binds 127.0.0.1; only the port of address is used.
func (l *Loopback) Listen(address string) (net.Listener, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	return net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
}

// DialContext connects to the listener that stands for address. An address
// that has no route and is not on the loopback interface is refused here:
// nothing that we run may leave the machine.
func (l *Loopback) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if l.OnDial != nil {
		l.OnDial(address)
	}
	target, routed := l.route(address)
	if !routed {
		target = address
	}
	if !routed && l.Only {
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("%s is no part of this: %w", address, syscall.ECONNREFUSED)}
	}
	host, _, err := net.SplitHostPort(target)
	if err != nil {
		return nil, fmt.Errorf("dial %q: %w", address, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("%s is not on this machine: %w", address, syscall.ECONNREFUSED)}
	}
	var d net.Dialer
	return d.DialContext(ctx, network, target)
}

// route is the listener that stands for address. Names have no case.
func (l *Loopback) route(address string) (target string, found bool) {
	if target, found = l.Routes[address]; found {
		return target, true
	}
	host, port, err := net.SplitHostPort(strings.ToLower(address))
	if err != nil {
		return "", false
	}
	host = strings.TrimSuffix(host, ".")
	if target, found = l.Routes[net.JoinHostPort(host, port)]; found {
		return target, true
	}
	for _, domain, more := strings.Cut(host, "."); more; _, domain, more = strings.Cut(domain, ".") {
		if target, found = l.Below[net.JoinHostPort(domain, port)]; found {
			return target, true
		}
	}
	return "", false
}

// LookupHost tells what the name stands for; the machine's resolver is not
// asked.
func (l *Loopback) LookupHost(_ context.Context, name string) ([]string, error) {
	if ip := net.ParseIP(name); ip != nil {
		return []string{name}, nil
	}
	if ip, known := l.Names[name]; known {
		return []string{ip}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}
