package proxies

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"gauntlet/proxies/authority"
	"gauntlet/proxies/network"
)

// tlsBox is a forward proxy that opens the TLS in its tunnels, as firewalls that
// inspect do: the client gets a certificate for the host that it wants, made by
// an authority of the box's owner, and upstream the box speaks TLS itself. What
// is not TLS in a tunnel is taken for plain HTTP.
type tlsBox struct {
	*httpBox
	authority *authority.Authority
}

func newTLS(s Spec, o Options) (Box, error) {
	if o.Authority == nil {
		var err error
		if o.Authority, err = authority.New(); err != nil {
			return nil, err
		}
	}
	if o.Roots == nil {
		o.Roots = o.Authority.Pool()
	}
	inner, err := newHTTPBox(s, o)
	if err != nil {
		return nil, err
	}
	b := &tlsBox{inner, o.Authority}
	b.serve = func(x *exchange, r *http.Request) {
		if r.Method == http.MethodConnect {
			b.inspect(x, r)
			return
		}
		b.forward(x, r)
	}
	return b, nil
}

// inspect answers a CONNECT and serves what comes in the tunnel.
func (b *tlsBox) inspect(x *exchange, r *http.Request) {
	client, early, err := hijack(x.w)
	if err == nil {
		err = establish(client, r)
	}
	if err != nil {
		b.options.report(fmt.Errorf("box %q: %w", b.Name(), err))
		return
	}
	relax := b.options.hurry(client)
	inside, err := b.unwrap(client, early, r.URL.Host)
	relax()
	if err != nil {
		b.options.report(errors.Join(fmt.Errorf("box %q: tunnel to %s: %w", b.Name(), r.URL.Host, err), client.Close()))
		return
	}
	b.serveInside(inside)
}

// unwrap shakes hands if the client speaks TLS.
func (b *tlsBox) unwrap(client net.Conn, early []byte, address string) (*clientConn, error) {
	in := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(early), client), 1)
	first, err := in.Peek(1)
	if err != nil {
		return nil, err
	}
	inner, opened := network.WithReader(client, in), "http://"+address
	if first[0] == tlsHandshake {
		host, _, _ := net.SplitHostPort(address)
		secure := tls.Server(inner, b.authority.Config(host))
		if err := secure.HandshakeContext(b.life.ctx); err != nil {
			return nil, err
		}
		inner, opened = secure, "https://"+address
	}
	c, err := b.life.own(inner)
	if err != nil {
		return nil, err
	}
	inside := newClientConn(c, b.behaviour)
	inside.opened = opened
	return inside, nil
}

const tlsHandshake = 0x16 // the type of the first record

// serveInside serves the requests in an opened tunnel until it ends.
func (b *tlsBox) serveInside(c *clientConn) {
	ended := make(chan struct{})
	hook := b.follow()
	s := &http.Server{
		Handler: http.HandlerFunc(b.serveOpened), ConnContext: withClientConn, ErrorLog: b.server.ErrorLog,
		IdleTimeout: b.server.IdleTimeout, ReadHeaderTimeout: b.server.ReadHeaderTimeout, DisableGeneralOptionsHandler: true,
		ConnState: func(nc net.Conn, state http.ConnState) {
			hook(nc, state)
			if state == http.StateClosed || state == http.StateHijacked {
				close(ended)
			}
		},
	}
	_ = s.Serve(network.OneConn(c, ended)) // it ends with its only connection
}

// serveOpened gives a request within a tunnel the address that the tunnel has.
func (b *tlsBox) serveOpened(w http.ResponseWriter, r *http.Request) {
	scheme, host, _ := strings.Cut(clientConnOf(r).opened, "://")
	if !r.URL.IsAbs() && r.Method != http.MethodConnect {
		r.URL.Scheme, r.URL.Host = scheme, host
	}
	b.ServeHTTP(w, r)
}
