package proxies

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"gauntlet/proxies/network"
	"gauntlet/proxies/socks"
)

// CONNECT is served by the relay's own copying instead of goproxy's, which
// loses what a client sends together with its request and leaves goroutines
// that nobody can wait for.

const established = "HTTP/1.1 200 Connection established\r\n\r\n"

// tunnel serves a CONNECT request until the tunnel ends.
func (x *exchange) tunnel(r *http.Request) {
	b := x.box
	server, err := b.dialer.dial(r.Context(), r.URL.Host)
	if err != nil {
		b.options.report(fmt.Errorf("box %q: tunnel: %w", b.Name(), err))
		status := b.behaviour.failureStatus(x, err)
		if status == cutOff {
			status = http.StatusBadGateway // who asked for a tunnel is always answered
		}
		http.Error(x.w, http.StatusText(status), status)
		return
	}
	client, early, err := hijack(x.w)
	if err != nil {
		b.options.report(errors.Join(err, server.Close()))
		return
	}
	if err := x.open(client, server, early); err != nil {
		b.options.report(errors.Join(err, client.Close(), server.Close()))
		return
	}
	b.behaviour.splice(client, server)
}

// open begins the tunnel: a parent proxy gets the client's own request and
// answers it; else the box does. Bytes that came early go ahead of the rest.
func (x *exchange) open(client, server net.Conn, early []byte) error {
	if x.box.options.Parent {
		early = append(x.request.Bytes(), early...)
	} else if _, err := io.WriteString(client, established); err != nil {
		return fmt.Errorf("tunnel: answer the client: %w", err)
	}
	if _, err := server.Write(early); err != nil {
		return fmt.Errorf("tunnel: send on: %w", err)
	}
	return nil
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

// Through is n as seen through a box that listens at address: whatever is
// dialled, the box is asked for a tunnel to it, by CONNECT or in its version of
// SOCKS, with the credentials that its spec wants. Listen is n's own. Names are
// left to the box, but to a SOCKS 4 box only addresses can be named: there n
// resolves them.
func Through(n network.Network, box Spec, address string) network.Network {
	return &tunnelDialer{n, box, address}
}

type tunnelDialer struct {
	network.Network
	box     Spec
	address string
}

// DialContext asks the box for a tunnel to address.
func (t *tunnelDialer) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	address, err := t.named(ctx, address)
	if err != nil {
		return nil, err
	}
	c, err := t.Network.DialContext(ctx, kind, t.address)
	if err != nil {
		return nil, fmt.Errorf("to the %s box: %w", t.box.Kind, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) }) // ends what ask waits for
	asked, err := t.ask(c, address)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("through the %s box to %s: %w", t.box.Kind, address, err), c.Close())
	}
	return asked, nil
}

// named is the address as the box can be told it.
func (t *tunnelDialer) named(ctx context.Context, address string) (string, error) {
	if t.box.Kind != Socks4 {
		return address, nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	ip, err := t.LookupHost(ctx, host)
	if err != nil {
		return "", fmt.Errorf("for the %s box: %w", t.box.Kind, err)
	}
	return net.JoinHostPort(ip, port), nil
}

func (t *tunnelDialer) ask(c net.Conn, address string) (net.Conn, error) {
	if version := t.box.Kind.socks(); version != "" {
		return c, socks.Protocol{Version: version, Login: t.box.Credentials()}.Ask(c, address)
	}
	return askConnect(c, address, t.box.Credentials())
}

// askConnect wants a tunnel from an HTTP proxy. What the far end said at once
// may come together with the proxy's answer and is not lost.
func askConnect(c net.Conn, address, credentials string) (net.Conn, error) {
	request := "CONNECT " + address + " HTTP/1.1\r\nHost: " + address + "\r\n"
	if credentials != "" {
		request += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(credentials)) + "\r\n"
	}
	if _, err := io.WriteString(c, request+"\r\n"); err != nil {
		return nil, err
	}
	in := bufio.NewReader(c)
	resp, err := http.ReadResponse(in, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() // of a CONNECT that succeeds it is empty
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it says %s", resp.Status)
	}
	early, err := buffered(in)
	if len(early) == 0 {
		return c, err
	}
	return network.WithReader(c, io.MultiReader(strings.NewReader(string(early)), c)), err
}
