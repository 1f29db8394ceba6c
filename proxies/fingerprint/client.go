package fingerprint

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"gauntlet/proxies/http1"
)

// client is a connection to the box.
type client struct {
	net.Conn
	in   *bufio.Reader
	p    *probes
	stop func() bool // ends that the suite's end closes it
}

// dial connects to the box. If nobody is there the suite has failed, unless it
// is the origin behind a tunnel that refuses.
func (p *probes) dial() *client {
	ctx, cancel := context.WithTimeout(p.ctx, p.Patience)
	defer cancel()
	c, err := p.Network.DialContext(ctx, "tcp", p.Box)
	if err != nil {
		if !p.refusing && p.err == nil {
			p.err = err
		}
		c, _ = net.Pipe()
		_ = c.Close()
	}
	return &client{c, bufio.NewReader(c), p, context.AfterFunc(p.ctx, func() { _ = c.Close() })}
}

func (c *client) close() {
	c.stop()
	_ = c.Close() // the box may have been faster
}

// with runs see on a connection of its own.
func (p *probes) with(see func(*client) string) string {
	c := p.dial()
	defer c.close()
	return see(c)
}

// request is a POST in HTTP/1.1 and absolute-form, with fields as lines.
func (p *probes) request(script, body, fields string) string {
	return fmt.Sprintf("POST http://%s/%s/%s HTTP/1.1\r\nHost: %s\r\n%s%sContent-Length: %d\r\n\r\n%s",
		p.Host, p.probe, script, p.Host, fields, p.credentials(), len(body), body)
}

// inOriginForm is a request without its scheme and authority.
func (p *probes) inOriginForm(raw string) string {
	return strings.Replace(raw, "http://"+p.Host, "", 1)
}

// old is a request in HTTP/1.0.
func (p *probes) old(fields string) string {
	return strings.Replace(p.request("answer", "abc", fields), " HTTP/1.1\r\n", " HTTP/1.0\r\n", 1)
}

// ask sends raw and reads one answer.
func (c *client) ask(raw string) message {
	if _, err := io.WriteString(c, raw); err != nil {
		return message{err: err}
	}
	return c.read()
}

func (c *client) read() message {
	_ = c.SetReadDeadline(deadline(c.p.Patience)) // if it fails, so does reading
	return receive(c.in, &http1.Reader{Answers: true})
}

// soonClosed is the least time in which a connection that ends by itself does so: a
// product on a busy machine comes late to it.
const soonClosed = 300 * time.Millisecond

// closes reports whether the connection ends by itself.
func (c *client) closes() bool {
	_ = c.SetReadDeadline(deadline(max(c.p.Settle, soonClosed))) // if it fails, so does reading
	_, err := c.in.ReadByte()
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}

// outcome puts an answer into words: its status, what there was of its body,
// how it ended.
func (c *client) outcome(m message) string {
	status, late := m.status(), errors.Is(m.err, os.ErrDeadlineExceeded)
	switch {
	case late && status == "":
		return "nothing"
	case status == "" && m.head == "":
		return "cut"
	case status == "":
		return "cut in its head"
	case late:
		return fmt.Sprintf("%s, %d bytes, then nothing", status, len(m.body))
	case m.err != nil:
		return fmt.Sprintf("%s, %d bytes, cut", status, len(m.body))
	case c.closes():
		return status + " and closed"
	}
	return status
}
