// Package streams takes HTTP/2 where HTTP/1 is served: on one listener it opens the
// connections that begin with HTTP/2's preface, without TLS (RFC 9113, section 3.3),
// and hands each of their streams on as a connection of HTTP/1.1, as the edge of a
// CDN or the front of a server does. Other connections pass as they come.
//
// A stream has one request. Its answer becomes frames again: what concerns one hop
// stays behind, names are in lower case, there is no reason, and an answer that
// breaks off, in its head or in its body, is a RST_STREAM. `Connection: close` in an
// answer has HTTP/2's own word for it, GOAWAY: the connection takes no more streams.
// A stream that the peer resets is a connection that was reset. Interim answers are
// left out.
//
// net/http speaks HTTP/2. The package knows nothing of what the messages mean. Boxes
// and those who put them up import it. A listener owns its goroutines and the
// connections that it has opened; Close ends them and waits.
package streams

import (
	"bufio"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"

	"gauntlet/proxies/network"
)

// Listen wraps l. In absolute-form, a stream's request names its host in the request
// line, as proxies want it that clients know of. Closing the result closes l, and the
// connections that were opened.
func Listen(l net.Listener, absoluteForm bool) net.Listener {
	w := &listener{Listener: l, absolute: absoluteForm, over: make(chan struct{}), unmet: map[net.Conn]struct{}{}}
	w.ready, w.opened = w.queue(), w.queue()
	protocols := &http.Protocols{}
	protocols.SetUnencryptedHTTP2(true)
	w.server = &http.Server{
		Handler: w, Protocols: protocols, ErrorLog: log.New(io.Discard, "", 0), DisableGeneralOptionsHandler: true,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, carrierKey{}, c) },
	}
	w.work.Go(w.accept)
	w.work.Go(func() { _ = w.server.Serve(w.opened) }) // it ends with the listener
	return w
}

type listener struct {
	net.Listener
	absolute      bool
	ready, opened *queue // connections of HTTP/1, for who serves; of HTTP/2, for server
	server        *http.Server
	over          chan struct{} // closed when l accepts no more
	work          sync.WaitGroup

	mu    sync.Mutex
	err   error                 // why l accepts no more; nil while it does
	unmet map[net.Conn]struct{} // of which no byte is known
}

// Accept waits for the next connection of HTTP/1, or for a stream.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.ready.Accept()
	if err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		return nil, l.err
	}
	return c, nil
}

// Close ends l and all that has come of it but is not yet handed on, and what HTTP/2
// carries.
func (l *listener) Close() error {
	err := l.Listener.Close()
	l.end(net.ErrClosed)
	l.work.Wait()
	return err
}

// end ends what the listener has, the first time.
func (l *listener) end(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	l.err = why
	close(l.over)
	_ = l.server.Close() // nobody is left to hear of an error
	for c := range l.unmet {
		_ = c.Close()
	}
}

// begin counts a goroutine; false means that the listener is closed. Each true needs
// one done.
func (l *listener) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.work.Add(1)
	}
	return l.err == nil
}

func (l *listener) accept() {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			l.end(err)
			return
		}
		l.mu.Lock()
		if closed := l.err != nil; closed {
			_ = c.Close()
		} else {
			l.unmet[c] = struct{}{}
			l.work.Go(func() { l.meet(c) })
		}
		l.mu.Unlock()
	}
}

// preface is what HTTP/2 begins with, as far as no method of HTTP/1 does.
const preface = "PRI * HTTP/2.0"

// meet sees what a connection begins with, and hands it on.
func (l *listener) meet(c net.Conn) {
	in, to := bufio.NewReaderSize(c, len(preface)), l.opened
	for n := 1; n <= len(preface) && to == l.opened; n++ {
		if begins, err := in.Peek(n); err != nil || !strings.HasPrefix(preface, string(begins)) {
			to = l.ready // whoever serves hears of its end, too
		}
	}
	l.mu.Lock()
	delete(l.unmet, c)
	l.mu.Unlock()
	to.put(network.WithReader(c, in))
}

// queue is a listener for what comes from elsewhere.
type queue struct {
	net.Listener
	conns chan net.Conn
	over  chan struct{}
}

func (l *listener) queue() *queue { return &queue{l.Listener, make(chan net.Conn), l.over} }

// put hands a connection over, or closes it when nobody will take it.
func (q *queue) put(c net.Conn) bool {
	select {
	case q.conns <- c:
		return true
	case <-q.over:
		_ = c.Close()
		return false
	}
}

// Accept waits for the next one.
func (q *queue) Accept() (net.Conn, error) {
	select {
	case c := <-q.conns:
		return c, nil
	case <-q.over:
		return nil, net.ErrClosed
	}
}

// Close leaves the end to the listener.
func (q *queue) Close() error { return nil }
