package lab

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"sync"

	"gauntlet/harness/msn/msnhttp"
)

// Doorman is a listener in front of which a client may stand that was there
// before the run, with a session of then. What it asks for that session gets
// 400, which is what a gateway says of an id that it does not know (S15), and
// the run hears nothing of it: it would be blamed for an id that nobody gave,
// and a fault would strike it. From the client's first open on everything is
// let through, and so is at any time what does not begin with a request to a
// gateway: nobody sees into a tunnel.
type Doorman struct {
	*net.TCPListener
	let    chan net.Conn
	failed chan error
	closed chan struct{}
	close  func() error
	work   sync.WaitGroup

	mu      sync.Mutex
	begun   bool
	waiting map[*net.TCPConn]struct{} // of which nothing has been heard; nil when closed
}

// NewDoorman takes l over. Its goroutines end with Close.
func NewDoorman(l *net.TCPListener) *Doorman {
	d := &Doorman{
		TCPListener: l, let: make(chan net.Conn), failed: make(chan error, 1), closed: make(chan struct{}),
		waiting: map[*net.TCPConn]struct{}{},
	}
	d.close = sync.OnceValue(d.shut)
	d.work.Go(d.welcome)
	return d
}

// Accept returns the next connection that is let through.
func (d *Doorman) Accept() (net.Conn, error) {
	select {
	case conn := <-d.let:
		return conn, nil
	case err := <-d.failed:
		d.failed <- err
		return nil, err
	case <-d.closed:
		return nil, net.ErrClosed
	}
}

// Close ends the listener and what waits in front of it.
func (d *Doorman) Close() error { return d.close() }

func (d *Doorman) shut() error {
	err := d.TCPListener.Close()
	close(d.closed)
	d.mu.Lock()
	for conn := range d.waiting {
		_ = conn.Close() // nothing was said on it
	}
	d.waiting = nil
	d.mu.Unlock()
	d.work.Wait()
	return err
}

// welcome takes connections until there are no more.
func (d *Doorman) welcome() {
	for {
		conn, err := d.AcceptTCP()
		if err != nil {
			d.failed <- err
			return
		}
		d.mu.Lock()
		if d.waiting == nil {
			_ = conn.Close()
		} else {
			d.waiting[conn] = struct{}{}
			d.work.Go(func() { d.hear(conn) })
		}
		d.mu.Unlock()
	}
}

// hear decides by what a connection begins with.
func (d *Doorman) hear(conn *net.TCPConn) {
	in := bufio.NewReader(conn)
	passes := d.passes(in)
	d.mu.Lock()
	delete(d.waiting, conn)
	d.mu.Unlock()
	if !passes {
		_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		_ = conn.Close()
		return
	}
	select {
	case d.let <- &admitted{TCPConn: conn, in: in}:
	case <-d.closed:
		_ = conn.Close()
	}
}

// passes looks at the first request without taking it. Nothing is waited for
// once the client has begun: a fault may be about who only connects.
func (d *Doorman) passes(in *bufio.Reader) bool {
	d.mu.Lock()
	begun := d.begun
	d.mu.Unlock()
	if begun {
		return true
	}
	line := peekLine(in)
	words := bytes.Fields(line)
	if len(words) < 2 || string(words[0]) != "POST" {
		return true
	}
	_, q, err := msnhttp.ParseTarget(string(words[1]))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.begun = d.begun || err != nil || q.Action == msnhttp.ActionOpen
	return d.begun
}

// peekLine is what there is of a first line, as far as the reader has room.
func peekLine(in *bufio.Reader) []byte {
	for n := 1; ; n++ {
		peeked, err := in.Peek(max(n, in.Buffered()))
		n = len(peeked)
		if line, _, whole := bytes.Cut(peeked, []byte("\n")); whole || err != nil || n > 0 && peeked[0] < ' ' {
			return line
		}
	}
}

// admitted is a connection whose first bytes have been looked at.
type admitted struct {
	*net.TCPConn
	in *bufio.Reader
}

// Read begins with what has been looked at.
func (a *admitted) Read(p []byte) (int, error) { return a.in.Read(p) }

// WriteTo is Read again and again; that of the TCPConn would pass over it.
func (a *admitted) WriteTo(w io.Writer) (int64, error) { return a.in.WriteTo(w) }
