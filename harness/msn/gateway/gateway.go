// Package gateway is the reference gateway of MSN Messenger over HTTP: what a
// client under test talks to behind all the boxes. It keeps sessions by their
// SessionID, as the documents and the field reports describe, and records what
// reached it; dialects make it behave like other gateways, or badly within the
// law.
//
// The session table (table.go and its neighbours) is a machine without I/O; the
// rest is its shell. The gateway reads MSNP only to see who signs in and that
// PNG and OUT are sent; the messenger behind it is whatever Options.Dial
// reaches. It does not know boxes, faults or clients. The rig, the command and
// specs import it. All goroutines belong to the Gateway and end with Close.
package gateway

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnhttp"
)

// Options are what a gateway is made of. Only Dial is needed.
type Options struct {
	// Dialect is how the gateway behaves; zero means documented.
	Dialect Dialect
	// Dial reaches the messenger for a new session: server is "NS" or "SB", ip
	// what the open's IP= said, without a port, possibly empty. The connection
	// belongs to the gateway.
	Dial func(ctx context.Context, server, ip string) (net.Conn, error)
	// Observe, when set, hears of every event in order, from one goroutine at a
	// time and before the answer in question is written. Seq and At are zero. It
	// must not wait for the gateway; it may call Lookup.
	Observe func(history.Event)
	// Seed decides which SessionIDs are issued and where bodies are cut.
	Seed uint64
	// Logger hears of connections that fail; nil is silent.
	Logger *slog.Logger
	// Limits bound memory and patience; zero fields have useful defaults.
	Limits Limits
}

// Info is who a SessionID belongs to.
type Info struct {
	Session int    // the gateway's number of the session, from 1
	Server  string // NS or SB
	User    string // who signed in on it; empty before
}

// Gateway is an http.Handler that keeps sessions. Serve gives it a server of
// its own, which overlaps on one connection (S14) need; behind another server
// it does everything else.
type Gateway struct {
	options Options
	limits  Limits
	log     *slog.Logger
	server  *http.Server
	ctx     context.Context // ends when the gateway is closed
	cancel  context.CancelFunc

	mu       sync.Mutex // guards what follows; never held while waiting
	table    *table
	closed   bool
	links    map[*link]struct{}
	handlers sync.WaitGroup // requests being decided
	workers  sync.WaitGroup // goroutines of links
	conns    sync.WaitGroup // connections of the gateway's own server

	telling sync.Mutex // held while events are observed, to keep their order
}

// New makes a gateway; it starts nothing until requests come.
func New(o Options) *Gateway {
	g := &Gateway{options: o, limits: o.Limits.normal(), log: o.Logger, links: map[*link]struct{}{}}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	g.table = newTable(o.Dialect, o.Limits, o.Seed)
	g.server = g.newServer()
	return g
}

// Dialect is how the gateway behaves, every field filled.
func (g *Gateway) Dialect() Dialect { return g.table.dialect }

// Lookup tells which session an id was issued for, however long ago it was and
// whether it is given raw or percent-encoded. Of sessions that are over it
// knows the newest, Limits.Remembered in number.
func (g *Gateway) Lookup(id string) (Info, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	info, known := g.table.lookup(id)
	if !known {
		info, known = g.table.lookup(msnhttp.Unescape(id))
	}
	return info, known
}

// Sessions is the number of sessions that have not ended.
func (g *Gateway) Sessions() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.table.sessions) - len(g.table.retired)
}

// Close ends all sessions, the messenger connections, the listeners that were
// given to Serve and their connections, and waits for what it started.
func (g *Gateway) Close() error {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.cancel()
	g.do(func(t *table) { t.endAll(time.Now()) })
	err := g.server.Close()
	g.handlers.Wait()
	g.do(func(t *table) { t.endAll(time.Now()) }) // a handler may have opened one meanwhile
	g.hangUp()
	g.workers.Wait()
	g.conns.Wait()
	return err
}

// do lets act use the table and then tells what has happened.
func (g *Gateway) do(act func(*table)) {
	g.mu.Lock()
	act(g.table)
	news := len(g.table.outbox) > 0
	g.mu.Unlock()
	if news {
		g.tell()
	}
}

// tell gives the events so far to the observer. When it returns, all that was
// recorded before has been observed.
func (g *Gateway) tell() {
	g.telling.Lock()
	defer g.telling.Unlock()
	g.mu.Lock()
	events := g.table.collect()
	g.mu.Unlock()
	if g.options.Observe == nil {
		return
	}
	for _, e := range events {
		g.options.Observe(e)
	}
}

// enter counts a request in, unless the gateway is closed; leave counts it out.
func (g *Gateway) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.handlers.Add(1)
	}
	return !g.closed
}

func (g *Gateway) leave() { g.handlers.Done() }
