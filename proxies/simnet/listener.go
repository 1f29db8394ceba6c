package simnet

import (
	"net"
	"net/netip"
	"sync"
	"syscall"
)

// Listener accepts the connections that reach one port of a host. Its queue
// of connections not yet accepted has no bound.
type Listener struct {
	host *Host
	addr *net.TCPAddr

	mu     sync.Mutex // guards the rest
	ready  *sync.Cond // the queue or closed changed
	queue  []*Conn
	gate   func(from, to string) error
	closed bool
}

func newListener(h *Host, port uint16) *Listener {
	l := &Listener{host: h, addr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(h.ip, port))}
	l.ready = sync.NewCond(&l.mu)
	return l
}

// Addr is the bound address, a *net.TCPAddr.
func (l *Listener) Addr() net.Addr { return l.addr }

// SetGate installs a function that is asked before each connection is made;
// nil lets everybody in. If it says syscall.ETIMEDOUT the SYN is lost, and it is
// asked again when the dialler repeats it; with any other error the dialler gets
// syscall.ECONNREFUSED; nothing is accepted. from is the dialler's ip:port,
// to the ip:port that it dialled. The gate is called on the dialling goroutine
// without locks held; the dial waits for it.
func (l *Listener) SetGate(gate func(from, to string) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gate = gate
}

// admits asks the gate, unless it hears of nobody.
func (l *Listener) admits(from, to string) error {
	if l.host.loses() {
		return syscall.ETIMEDOUT
	}
	l.mu.Lock()
	gate := l.gate
	l.mu.Unlock()
	if gate == nil {
		return nil
	}
	return gate(from, to)
}

// push queues a connection's far end; false if the listener has closed.
func (l *Listener) push(c *Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.queue = append(l.queue, c)
	l.ready.Signal()
	return true
}

// Accept waits for the next connection, a *Conn that the caller owns. After
// Close it fails with net.ErrClosed.
func (l *Listener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.queue) == 0 && !l.closed {
		l.ready.Wait()
	}
	if l.closed {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.addr, Err: net.ErrClosed}
	}
	c := l.queue[0]
	l.queue = l.queue[1:]
	return c, nil
}

// Close frees the port, resets what was not yet accepted and makes Accept
// return; accepted connections go on. A second Close is net.ErrClosed.
func (l *Listener) Close() error {
	l.mu.Lock()
	again, queue := l.closed, l.queue
	l.closed, l.queue = true, nil
	l.ready.Broadcast()
	l.mu.Unlock()
	if again {
		return &net.OpError{Op: "close", Net: "tcp", Addr: l.addr, Err: net.ErrClosed}
	}
	l.host.net.unlisten(l)
	for _, c := range queue {
		c.abort()
	}
	return nil
}

// unlisten frees the port of a closed listener.
func (n *Net) unlisten(l *Listener) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.listeners, l.addr.AddrPort())
}
