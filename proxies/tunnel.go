package proxies

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// CONNECT is served by the relay's own copying instead of goproxy's, which
// loses what a client sends together with its request and leaves goroutines
// that nobody can wait for.

// tunnel serves a CONNECT request until the tunnel ends.
func (b *httpBox) tunnel(x *exchange, r *http.Request) {
	server, err := b.dialTunnel(r)
	if err != nil {
		b.options.report(fmt.Errorf("box %q: tunnel: %w", b.Name(), err))
		http.Error(x.w, http.StatusText(b.tunnelStatus(err)), b.tunnelStatus(err))
		return
	}
	client, early, err := hijack(x.w)
	if err != nil {
		b.options.report(errors.Join(err, server.Close()))
		return
	}
	if err := b.open(x, client, server, early); err != nil {
		b.options.report(errors.Join(err, client.Close(), server.Close()))
		return
	}
	splice(client, server)
}

func (b *httpBox) dialTunnel(r *http.Request) (net.Conn, error) {
	address := r.URL.Host
	if b.options.Upstream != "" {
		address = b.options.Upstream
	}
	ctx, cancel := context.WithTimeout(r.Context(), b.spec.Quirks.timeout())
	defer cancel()
	return b.owned.dial(ctx, b.egress.next(), address)
}

// open begins the tunnel: a parent proxy gets the client's own request and
// answers it; else the box does. Bytes that came early go ahead of the rest.
func (b *httpBox) open(x *exchange, client, server net.Conn, early []byte) error {
	if b.options.Parent {
		early = append([]byte(x.request.raw), early...)
	} else if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return fmt.Errorf("tunnel: answer the client: %w", err)
	}
	if _, err := server.Write(early); err != nil {
		return fmt.Errorf("tunnel: send on: %w", err)
	}
	return nil
}

func (b *httpBox) tunnelStatus(err error) int {
	switch q := &b.spec.Quirks; {
	case q.RefusedStatus != 0 && isRefused(err):
		return q.RefusedStatus
	case q.FailureStatus != 0:
		return q.FailureStatus
	case isTimeout(err):
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

// hijack takes the client's connection from the server, with what it had
// read too far.
func hijack(w http.ResponseWriter) (net.Conn, []byte, error) {
	client, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("tunnel: %w", err)
	}
	early, err := buffered(rw.Reader)
	return client, early, err
}

func buffered(r *bufio.Reader) ([]byte, error) {
	b := make([]byte, r.Buffered())
	_, err := io.ReadFull(r, b)
	return b, err
}
