package wire

import (
	"bytes"
	"errors"
	"net"
	"sync"

	"gauntlet/proxies/network"
)

// EditHeads wraps conn so that the head of each message written to it passes
// through edit: start line, fields and blank line, as raw bytes. Bodies and 1xx
// answers pass as they are; a body is framed by the head that was written, not
// by what edit made of it. It serves either side: requests on a dialled
// connection, answers on an accepted one. A Write that ends within a head is
// held until the rest of the head comes, or until Close. edit must not keep or
// change its argument.
func EditHeads(conn net.Conn, edit func(head []byte) []byte) net.Conn {
	return &editConn{Conn: conn, edit: edit}
}

type editConn struct {
	net.Conn
	edit func(head []byte) []byte

	mu      sync.Mutex // guards the rest; not held while reading or writing
	written stream
	read    stream
	methods []string // of requests read and not yet answered
	sorted  bool     // it is known whether answers or requests are written
	held    []byte
}

// Read notes the methods of requests, on which the framing of answers depends.
func (c *editConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	for data := p[:n]; len(data) > 0 && (c.written.answers || !c.sorted); {
		used, m := c.read.step(data)
		if m&headDone != 0 {
			c.methods = append(c.methods, c.read.method)
		}
		data = data[used:]
	}
	return n, err
}

// Write edits the heads in p and writes what is complete in one piece.
func (c *editConn) Write(p []byte) (int, error) {
	out := c.edited(p)
	if len(out) == 0 {
		return len(p), nil
	}
	if _, err := c.Conn.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// edited is what to write for p, given what was held back before.
func (c *editConn) edited(p []byte) (out []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	data := append(c.held, p...)
	c.held = nil
	if !c.sort(data) {
		c.held = data
		return nil
	}
	for len(data) > 0 {
		n, piece := c.step(data)
		if n == 0 && piece == nil {
			c.held = data
			break
		}
		out, data = append(out, piece...), data[n:]
	}
	return out
}

// sort finds out from the first bytes what is being written.
func (c *editConn) sort(data []byte) bool {
	if !c.sorted && len(data) > 0 {
		_, c.written.answers, c.sorted = beginsAnswer(data)
	}
	return c.sorted
}

// step moves the written stream on and gives the bytes that thereby may go. It
// gives an empty piece, not nil, when it has moved on without any.
func (c *editConn) step(data []byte) (int, []byte) {
	if c.written.phase == between && len(c.methods) > 0 {
		c.written.method = c.methods[0]
	}
	n, m := c.written.step(data)
	if m&done != 0 && len(c.methods) > 0 {
		c.methods = c.methods[1:]
	}
	switch {
	case m == 0 && n == 0:
		return 0, nil
	case m&headDone != 0:
		return n, c.edit(c.written.head)
	case m&interim != 0, m&opaque != 0 && len(c.written.head) > 0:
		return n, c.written.head
	case m == 0 && c.written.phase == inHead:
		return n, []byte{}
	}
	return n, data[:n:n]
}

// flush gives what is held of an unfinished head.
func (c *editConn) flush() {
	c.mu.Lock()
	held := c.held
	if c.written.phase == inHead {
		held = c.written.head
		c.written.phase = notHTTP
	}
	c.held = nil
	c.mu.Unlock()
	if len(bytes.TrimSpace(held)) > 0 {
		_, _ = c.Conn.Write(held) // the connection ends anyway
	}
}

// Close hands on what is held of an unfinished head, and closes.
func (c *editConn) Close() error {
	c.flush()
	return c.Conn.Close()
}

// CloseWrite does so for this direction only.
func (c *editConn) CloseWrite() error {
	c.flush()
	if w, ok := c.Conn.(network.CloseWriter); ok {
		return w.CloseWrite()
	}
	return errors.ErrUnsupported
}

// CloseRead is that of the wrapped connection.
func (c *editConn) CloseRead() error {
	if r, ok := c.Conn.(network.CloseReader); ok {
		return r.CloseRead()
	}
	return errors.ErrUnsupported
}

// SetLinger is that of the wrapped connection.
func (c *editConn) SetLinger(seconds int) error {
	if l, ok := c.Conn.(network.Lingerer); ok {
		return l.SetLinger(seconds)
	}
	return errors.ErrUnsupported
}

// NetConn is the wrapped connection.
func (c *editConn) NetConn() net.Conn { return c.Conn }
