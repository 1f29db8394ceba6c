package mutants

import (
	"bufio"
	"bytes"
	"context"
	"net"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
	"gauntlet/proxies/network"
)

// tamper is what is done to the wire between the reference client and its
// network. Nothing has to be set.
type tamper struct {
	dial    func(ctx context.Context, d dialler, address string) (net.Conn, error) // in place of d
	request func(request []byte) []byte                                            // each whole request before it leaves
	twice   func(request []byte) bool                                              // whether it leaves twice, in one go
	answer  func(*answer)                                                          // each answer before the client sees it
}

// dialler connects to an address, host:port.
type dialler func(ctx context.Context, address string) (net.Conn, error)

// tampered makes the reference client with somebody between it and its
// network, a fresh one for each case.
func tampered(with func(adapter.Setup) tamper) adapter.Factory {
	return tamperedWith(client.Habits{}, with)
}

func tamperedWith(habits client.Habits, with func(adapter.Setup) tamper) adapter.Factory {
	return func(s adapter.Setup) (adapter.Client, error) {
		s.Network = between{s.Network, with(s)}
		return adapter.BuiltIn(habits)(s)
	}
}

// onRequests is a tamper that changes each request.
func onRequests(change func([]byte) []byte) adapter.Factory {
	return tampered(func(adapter.Setup) tamper { return tamper{request: change} })
}

// onAnswers is a tamper that changes each answer.
func onAnswers(change func(*answer)) adapter.Factory {
	return tampered(func(adapter.Setup) tamper { return tamper{answer: change} })
}

// between is a network with a tamper in it.
type between struct {
	network.Network
	tamper
}

// DialContext connects, maybe elsewhere, maybe to more than was asked for.
func (b between) DialContext(ctx context.Context, kind, address string) (net.Conn, error) {
	plain := func(ctx context.Context, address string) (net.Conn, error) {
		return b.Network.DialContext(ctx, kind, address)
	}
	dial := plain
	if b.dial != nil {
		dial = func(ctx context.Context, address string) (net.Conn, error) { return b.dial(ctx, plain, address) }
	}
	conn, err := dial(ctx, address)
	if err != nil || (b.request == nil && b.answer == nil && b.twice == nil) {
		return conn, err
	}
	return &tamperedConn{Conn: conn, tamper: b.tamper, in: bufio.NewReader(conn)}, nil
}

// tamperedConn is one connection in wrong hands. The reference client writes
// each request in one go, and reads its answer before it writes another.
type tamperedConn struct {
	net.Conn
	tamper
	in     *bufio.Reader
	asked  []byte // the request that is out
	behind int    // answers that nobody is to see, before the next
	owed   int    // the same, after it
	ready  []byte // of an answer, still to be read
	err    error  // what comes after it
}

// Write sends one request. What asks for a tunnel is none.
func (c *tamperedConn) Write(p []byte) (int, error) {
	if !bytes.HasPrefix(p, []byte("POST ")) {
		return c.Conn.Write(p)
	}
	c.asked = bytes.Clone(p)
	sent := c.asked
	if c.request != nil {
		sent = c.request(sent)
	}
	if c.twice != nil && c.twice(sent) {
		sent = append(bytes.Clone(sent), sent...)
		c.owed++
	}
	if _, err := c.Conn.Write(sent); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Read gives an answer piece by piece once it is there as a whole, or as far
// as it came.
func (c *tamperedConn) Read(p []byte) (int, error) {
	if c.answer == nil && c.twice == nil || c.asked == nil {
		return c.in.Read(p)
	}
	if len(c.ready) == 0 && c.err == nil {
		c.ready, c.err = c.next()
	}
	if len(c.ready) == 0 {
		return 0, c.err
	}
	n := copy(p, c.ready)
	c.ready = c.ready[n:]
	return n, nil
}

func (c *tamperedConn) next() ([]byte, error) {
	for ; c.behind > 0; c.behind-- {
		if _, err := readAnswer(c.in, c.asked); err != nil {
			return nil, err
		}
	}
	c.behind, c.owed = c.owed, 0
	a, err := readAnswer(c.in, c.asked)
	if c.answer != nil && a.headWhole {
		c.answer(a)
	}
	if a.fatal != nil {
		return nil, a.fatal
	}
	return a.bytes(), err
}
