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
	"slices"
	"strings"
	"time"

	"gauntlet/proxies/network"
	"gauntlet/proxies/socks"
)

// CONNECT is served by the relay's own copying instead of goproxy's, which
// loses what a client sends together with its request and leaves goroutines
// that nobody can wait for.

// tunnel serves a CONNECT request until the tunnel ends.
func (x *exchange) tunnel(r *http.Request) {
	b := x.box
	server, err := b.dialer.dial(r.Context(), r.URL.Host)
	if err != nil {
		b.options.report(fmt.Errorf("box %q: tunnel: %w", b.Name(), err))
		x.noTunnel(err)
		return
	}
	client, early, err := hijack(x.w)
	if err != nil {
		b.options.report(errors.Join(err, server.Close()))
		return
	}
	if err := x.open(r, client, server, early); err != nil {
		b.options.report(errors.Join(err, client.Close(), server.Close()))
		return
	}
	b.behaviour.splice(client, server)
}

// noTunnel answers a request for a tunnel that came to nothing; who asked for one is
// always answered. Where goproxy's own page is wanted, it is that for tunnels.
func (x *exchange) noTunnel(err error) {
	status := x.box.behaviour.failureStatus(x, err)
	switch status {
	case cutOff:
		status = http.StatusBadGateway
	case http.StatusInternalServerError:
		if err := endWith(x.w, err.Error()); err != nil {
			x.box.options.report(err)
		}
		return
	}
	http.Error(x.w, http.StatusText(status), status)
}

// endWith writes goproxy's page for a tunnel that came to nothing, and ends the
// connection.
func endWith(w http.ResponseWriter, text string) error {
	client, _, err := hijack(w)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(client, "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
	return errors.Join(err, client.Close())
}

// open begins the tunnel: a parent proxy gets the client's own request and
// answers it; else the box does. Bytes that came early go ahead of the rest.
func (x *exchange) open(r *http.Request, client, server net.Conn, early []byte) error {
	if x.box.options.Parent {
		early = append(x.request.Bytes(), early...)
	} else if err := establish(client, r); err != nil {
		return err
	}
	if _, err := server.Write(early); err != nil {
		return fmt.Errorf("tunnel: send on: %w", err)
	}
	return nil
}

// establish tells the client that its tunnel is there, in its own version of HTTP.
func establish(client net.Conn, r *http.Request) error {
	if _, err := fmt.Fprintf(client, "%s 200 Connection established\r\n\r\n", r.Proto); err != nil {
		return fmt.Errorf("tunnel: answer the client: %w", err)
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

// isIPv4 reports whether it is an address that SOCKS 4 can carry.
func isIPv4(address string) bool { return net.ParseIP(address).To4() != nil }

// named is the address as the box can be told it.
func (t *tunnelDialer) named(ctx context.Context, address string) (string, error) {
	if t.box.Kind != Socks4 {
		return address, nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	all, err := t.LookupHost(ctx, host)
	if err != nil {
		return "", fmt.Errorf("for the %s box: %w", t.box.Kind, err)
	}
	if old := slices.IndexFunc(all, isIPv4); old >= 0 {
		return net.JoinHostPort(all[old], port), nil
	}
	return "", fmt.Errorf("for the %s box: %s has no address of IPv4", t.box.Kind, host)
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
