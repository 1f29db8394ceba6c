package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
)

// headBytes bounds a request's head: a SessionID of 2,000 characters, escaped,
// needs 6,000.
const headBytes = 32 << 10

// Serve answers what comes in on l, in the calling goroutine, until Close; it
// then returns nil. Several listeners may be served at one time: sessions do
// not care which one a request comes through. It takes l over.
func (g *Gateway) Serve(l net.Listener) error {
	err := g.server.Serve(&listener{Listener: l, g: g})
	if errors.Is(err, http.ErrServerClosed) || g.ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("gateway at %s: %w", l.Addr(), err)
}

// newServer is the gateway's own server. There is no time-out on reading a
// whole request or on writing: a poll may be held long, and read sets its own.
func (g *Gateway) newServer() *http.Server {
	return &http.Server{
		Handler:                      g,
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            g.limits.Head,
		IdleTimeout:                  g.limits.Silence,
		WriteTimeout:                 g.limits.Hold + g.limits.BodyTime + g.limits.Silence,
		MaxHeaderBytes:               headBytes,
		ErrorLog:                     slog.NewLogLogger(g.log.Handler(), slog.LevelDebug),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
		ConnState: func(c net.Conn, state http.ConnState) {
			if ours, is := c.(*conn); is && state == http.StateClosed {
				ours.over()
			}
		},
	}
}

// listener gives each connection the eyes that the gateway needs.
type listener struct {
	net.Listener
	g *Gateway
}

// Accept counts the connection in, so that Close can wait for its end.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if !l.g.admit() {
		_ = c.Close() // nobody will serve it
		return nil, net.ErrClosed
	}
	return &conn{Conn: c, g: l.g}, nil
}

// admit counts a connection in, unless the gateway is closed.
func (g *Gateway) admit() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.conns.Add(1)
	}
	return !g.closed
}
