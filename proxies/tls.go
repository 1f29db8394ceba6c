package proxies

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// newTLS builds a forward proxy that opens the TLS in its tunnels, as firewalls
// that inspect do: the client gets a certificate for the host that it wants,
// made by an authority of the box's owner, and upstream the box speaks TLS
// itself. What is not TLS in a tunnel is taken for plain HTTP.
func newTLS(s Spec, o Options) (Box, error) {
	b := newHTTPBox(s, o)
	b.takeOriginForm()
	b.ca = o.Authority
	if b.ca == nil {
		var err error
		if b.ca, err = NewAuthority(); err != nil {
			return nil, err
		}
	}
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
func (b *httpBox) inspect(x *exchange, r *http.Request) {
	client, early, err := hijack(x.w)
	if err == nil {
		_, err = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	}
	if err != nil {
		b.options.report(fmt.Errorf("box %q: tunnel: %w", b.Name(), err))
		return
	}
	inside, err := b.unwrap(client, early, r.URL.Host)
	if err != nil {
		b.options.report(errors.Join(fmt.Errorf("box %q: tunnel to %s: %w", b.Name(), r.URL.Host, err), client.Close()))
		return
	}
	b.serveInside(inside)
}

// unwrap shakes hands if the client speaks TLS.
func (b *httpBox) unwrap(client net.Conn, early []byte, address string) (*downstream, error) {
	in := bufio.NewReaderSize(io.MultiReader(bytesReader(early), client), 1)
	first, err := in.Peek(1)
	if err != nil {
		return nil, err
	}
	var inner net.Conn = &ahead{Conn: client, rest: in}
	opened := "http://" + address
	if first[0] == tlsHandshake {
		host, _, _ := net.SplitHostPort(address)
		inner, opened = tls.Server(inner, b.ca.Config(host)), "https://"+address
		if err := inner.(*tls.Conn).HandshakeContext(b.owned.ctx); err != nil {
			return nil, err
		}
	}
	c, ok := b.owned.wrap(inner)
	if !ok {
		return nil, net.ErrClosed
	}
	return &downstream{conn: c, screen: newScreen(b.spec.Quirks), opened: opened}, nil
}

const tlsHandshake = 0x16 // the type of the first record

// serveInside serves the requests in an opened tunnel until it ends.
func (b *httpBox) serveInside(c *downstream) {
	ended := make(chan struct{})
	hook := b.follow()
	s := &http.Server{
		Handler: http.HandlerFunc(b.serveOpened), ConnContext: withDownstream, ErrorLog: b.server.ErrorLog,
		IdleTimeout: b.server.IdleTimeout, DisableGeneralOptionsHandler: true,
		ConnState: func(nc net.Conn, state http.ConnState) {
			hook(nc, state)
			if state == http.StateClosed || state == http.StateHijacked {
				close(ended)
			}
		},
	}
	_ = s.Serve(&single{conn: c, ended: ended}) // it ends with its only connection
}

// serveOpened gives a request within a tunnel the address that the tunnel has.
func (b *httpBox) serveOpened(w http.ResponseWriter, r *http.Request) {
	scheme, host := cutScheme(downstreamOf(r).opened)
	if !r.URL.IsAbs() && r.Method != http.MethodConnect {
		r.URL.Scheme, r.URL.Host = scheme, host
	}
	b.ServeHTTP(w, r)
}
