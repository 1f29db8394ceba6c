package rig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/proxies"
	"gauntlet/proxies/external"
	"gauntlet/proxies/network"
	"gauntlet/proxies/pac"
)

// startProduct starts the product before the gateway, and our relay, which
// carries the faults, before the product.
func (p *path) startProduct(ctx context.Context) error {
	tunnels, err := p.startTunnels()
	if err != nil {
		return err
	}
	process, err := p.o.Product.StartBefore(ctx, p.servers.origin.(*net.TCPListener), external.Options{Tunnels: tunnels, Domains: p.o.Speaks.Login.Apart})
	if err != nil {
		return err
	}
	p.product = process
	p.serve(p.hops[1].Listen(p.servers.origin), "gateway", p.servers.running.Serve)
	p.servers.origin = nil // the server's now
	// The product is a program on this machine, and no participant whom others may dial.
	relay, err := proxies.New(proxies.Spec{Kind: proxies.Relay}, proxies.Options{Network: &network.Loopback{}, Upstream: process.Addr})
	if err != nil {
		return err
	}
	p.boxes = append(p.boxes, relay)
	l, address, err := p.network.listen(boxHost(0), proxies.Relay.DefaultPort())
	if err != nil {
		return err
	}
	p.route = proxies.Route{Kind: proxies.HTTPProxy, Proxy: address}
	p.serve(p.hops[0].Listen(l), "relay", relay.Serve)
	return nil
}

// startTunnels starts a proxy of ours behind the product, which knows where the
// login services are: the product itself has but one origin.
func (p *path) startTunnels() (address string, err error) {
	if p.o.Authority == nil {
		return "", nil
	}
	box, err := proxies.New(proxies.Spec{Kind: proxies.Connect}, proxies.Options{Network: p.boxNetwork(boxHost(0), nil)})
	if err != nil {
		return "", err
	}
	p.boxes = append(p.boxes, box)
	l, address, err := p.network.listen(boxHost(1), proxies.Connect.DefaultPort())
	if err != nil {
		return "", err
	}
	p.serve(l, "tunnels", box.Serve)
	return address, nil
}

// prove wants the product's own word that it carried the traffic: its
// access log and its signature on what reached the gateway, as far as it has
// them. Besides, nobody else was told where the gateway listens.
func (p *path) prove() error {
	if p.product == nil {
		return nil
	}
	log, err := p.product.AccessLog()
	switch {
	case errors.Is(err, errors.ErrUnsupported):
	case err != nil:
		return err
	case !bytes.Contains(log, []byte("POST ")):
		return fmt.Errorf("%s: its access log shows no POST, so the traffic went another way", p.o.Product.Name)
	}
	return p.proveSigned()
}

// proveSigned wants the signature in the first request of each connection: some
// products are but a pipe for what comes after it.
func (p *path) proveSigned() error {
	for _, c := range history.Connections(p.recorder.Events(), len(p.hops)-1) {
		if len(c.Exchanges) == 0 {
			continue
		}
		if x := c.Exchanges[0]; x.Received && !bytes.Contains(x.Head, []byte(p.o.Product.Signs)) {
			return fmt.Errorf("%s: request %d reached the gateway without %q, by which it signs", p.o.Product.Name, x.Ordinal, p.o.Product.Signs)
		}
	}
	return nil
}

// decoyHost is where the proxy stands that a client is given and not to use.
const decoyHost = "10.1.99.1"

// decoyGatewayPort is the gateway's for the decoy alone.
const decoyGatewayPort = 8081

// startDecoy starts a proxy that works, beside the chain: a client that uses it
// although it is switched off is served, and seen, as at the first hop.
func (p *path) startDecoy() error {
	if p.c.Proxy != catalogue.SwitchedOff {
		return nil
	}
	l, address, err := p.network.listen(decoyHost, 3128)
	if err != nil {
		return err
	}
	n, err := p.newDecoyNetwork()
	if err != nil {
		return err
	}
	box, err := proxies.New(proxies.Spec{Kind: proxies.Forward}, proxies.Options{Network: n})
	if err != nil {
		return err
	}
	p.boxes, p.decoy = append(p.boxes, box), address
	p.serve(p.hops[0].Listen(l), "decoy", box.Serve)
	return nil
}

// decoyNetwork is the decoy's network, on which the gateway is reached beside the
// hops: what the decoy makes of a request is no request of the client's.
type decoyNetwork struct {
	network.Network
	gateway string   // where it listens
	known   []string // its addresses
}

func (p *path) newDecoyNetwork() (network.Network, error) {
	l, address, err := p.network.listen(protocol.GatewayHost, decoyGatewayPort)
	if err != nil {
		return nil, err
	}
	p.serve(l, "gateway", p.servers.running.Serve)
	return decoyNetwork{p.network.on(decoyHost), address, p.o.Speaks.GatewayAddresses()}, nil
}

// DialContext connects to the gateway, by whichever of its addresses, or to
// what else there is.
func (n decoyNetwork) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err == nil && (port == "80" || port == "443") && slices.Contains(n.known, host) {
		address = n.gateway
	}
	return n.Network.DialContext(ctx, kind, address)
}

// pacHost is where the proxy auto-configuration lies, which is a setting and no part
// of the way, and wpadName its name, which browsers look up below their own domain. At
// deadHost a proxy was once; elsewhereHost would be the proxy for all that is not the
// gateway.
const (
	pacHost       = "10.1.98.1"
	wpadName      = "wpad"
	elsewhereHost = "10.1.97.1"
	deadHost      = "10.1.96.1"
)

// ofSettings reports whether an address is where the client's settings lie: to read
// them is no way to the gateway.
func ofSettings(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && (host == pacHost || host == wpadName)
}

// slowFile is how long a slow file takes, which is less than any client should wait.
const slowFile = 10 * time.Second

// startPAC serves the file that tells the client its route, if the case or a program
// wants one. Nobody listens at the proxy for all else: who goes there did not read the
// file.
func (p *path) startPAC() error {
	setting := p.c.Proxy
	if !p.o.WithPAC && !setting.ByFile() {
		return nil
	}
	elsewhere, err := deadAddress(p.network, elsewhereHost)
	if err != nil {
		return err
	}
	ways, err := p.waysOf(setting)
	if err != nil {
		return err
	}
	l, address, err := p.network.listen(pacHost, 80)
	if err != nil {
		return err
	}
	p.pac = p.urlOf(address)
	file := pac.Handler{
		Text:    fileOf(ways, elsewhere, p.o.Speaks),
		Missing: setting == catalogue.FileMissing,
		Asked: func(method string, status int) {
			p.note(history.Event{Kind: history.FileAsked, How: method, Status: status, Text: p.pac})
		},
	}
	if setting == catalogue.FileSlow {
		file.After = slowFile
	}
	p.files = &http.Server{ReadHeaderTimeout: time.Minute, Handler: file}
	p.serve(l, "proxy auto-configuration", func(l net.Listener) error {
		if err := p.files.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	if file.Missing {
		return p.network.block(gatewayHost(p.c), gatewayPort(p.c))
	}
	return nil
}

// fileOf is a file that says the ways of the gateway and the login services, and of all
// others that there is a proxy elsewhere.
func fileOf(ways []string, elsewhere string, speaks protocol.Protocol) string {
	return pac.Compose(ways, slices.Concat(speaks.GatewayAddresses(), speaks.Login.Names), speaks.Login.Apart, "PROXY "+elsewhere)
}

// deadAddress is an address at which nobody listens.
func deadAddress(n runNetwork, host string) (string, error) {
	l, address, err := n.listen(host, 3128)
	if err != nil {
		return "", err
	}
	return address, l.Close()
}

// waysOf is what the file says of the gateway, the first to be tried first.
func (p *path) waysOf(setting catalogue.ProxySetting) ([]string, error) {
	p.named = []string{p.route.Proxy}
	if setting != catalogue.FileDead {
		return []string{pac.Of(p.route)}, nil
	}
	gone := p.route
	var err error
	if gone.Proxy, err = deadAddress(p.network, deadHost); err != nil {
		return nil, err
	}
	p.named = []string{gone.Proxy, p.route.Proxy}
	return []string{pac.Of(gone), pac.Of(p.route)}, nil
}

// urlOf is where the client finds the file that is served at an address. On loopback,
// only clients in this process know addresses and names of ours.
func (e *env) urlOf(address string) string {
	switch {
	case e.c.Proxy == catalogue.FileAtWPAD:
		return "http://" + wpadName + "/wpad.dat"
	case e.o.ClientKind == adapter.InProcess:
		address = pacHost
	}
	return "http://" + strings.TrimSuffix(address, ":80") + "/proxy.pac"
}
