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
)

// Through is n as seen through a box that listens at address: whatever is
// dialled, the box is asked for a tunnel to it, by CONNECT or in its version of
// SOCKS, with the credentials that its spec wants. Listen is n's own. Names are
// left to the box, but to a SOCKS 4 box only addresses can be named: there n
// resolves them.
func Through(n network.Network, box Spec, address string) network.Network {
	return &through{n, box, address}
}

type through struct {
	network.Network
	box     Spec
	address string
}

// DialContext asks the box for a tunnel to address.
func (t *through) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
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
func (t *through) named(ctx context.Context, address string) (string, error) {
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

func (t *through) ask(c net.Conn, address string) (net.Conn, error) {
	switch t.box.Kind {
	case Socks4, Socks4a:
		return c, askSocks4(c, t.box, address)
	case Socks5:
		return c, askSocks5(c, t.box, address)
	}
	return askConnect(c, t.box, address)
}

// askConnect wants a tunnel from an HTTP proxy. What the far end said at once
// may come together with the proxy's answer and is not lost.
func askConnect(c net.Conn, box Spec, address string) (net.Conn, error) {
	request := "CONNECT " + address + " HTTP/1.1\r\nHost: " + address + "\r\n"
	if box.Quirks.Basic != "" {
		request += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(box.Quirks.Basic)) + "\r\n"
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
	return &ahead{Conn: c, rest: io.MultiReader(strings.NewReader(string(early)), c)}, err
}

// ahead is a connection of which some bytes were read already.
type ahead struct {
	net.Conn
	rest io.Reader
}

// Read gives those first.
func (a *ahead) Read(p []byte) (int, error) { return a.rest.Read(p) }

// NetConn is the connection beneath.
func (a *ahead) NetConn() net.Conn { return a.Conn }
