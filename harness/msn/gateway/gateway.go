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
	"slices"
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
	// Secret, an AES key of 16, 24 or 32 bytes, makes SessionIDs that nobody can
	// foresee who has seen others. nil: they follow from Seed, and are reproducible.
	Secret []byte
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

// Gateway keeps sessions, and serves them.
type Gateway struct {
	options Options
	limits  Limits
	log     *slog.Logger
	server  *server
	ctx     context.Context // ends when the gateway is closed
	cancel  context.CancelFunc

	mu       sync.Mutex // guards what follows; never held while waiting
	table    *table
	closed   bool
	links    map[*link]struct{}
	handlers sync.WaitGroup // requests being decided
	workers  sync.WaitGroup // goroutines of links

	telling sync.Mutex // held while events are observed, to keep their order
}

// New makes a gateway; it starts nothing until requests come.
func New(o Options) *Gateway {
	g := &Gateway{options: o, limits: o.Limits.normal(), log: o.Logger, links: map[*link]struct{}{}}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	g.table = newTable(o.Dialect, o.Limits, o.Seed, o.Secret...)
	g.server = newServer(g)
	return g
}

// Dialect is how the gateway behaves, every field filled.
func (g *Gateway) Dialect() Dialect { return *g.table.dialect }

// Lookup returns which session an id was issued for, however long ago it was and
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

// Sessions returns the number of sessions that have not ended, connections of Guard included.
func (g *Gateway) Sessions() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.table.live() + g.table.guests
}

// Close ends all sessions, the messenger connections, the listeners that were
// given to Serve and their connections, and waits for what it started.
func (g *Gateway) Close() error {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.cancel()
	g.do(func(t *table) { t.endAll(time.Now(), EndedByGateway) })
	err := g.server.close()
	g.handlers.Wait()
	g.do(func(t *table) { t.endAll(time.Now(), EndedByGateway) }) // a handler may have opened one meanwhile
	g.hangUp()
	g.workers.Wait()
	g.server.ended.Wait()
	return err
}

// Shutdown ends the gateway politely: no session is opened any more, each
// notification session is told OUT SSD, all are told Session=close in the
// answer to their next request (S46), and the messenger's side is hung up.
// When every session has asked and has its answer, or when ctx ends, it does
// what Close does. The error is that of Close; a client that never asked is none.
func (g *Gateway) Shutdown(ctx context.Context) error {
	var empty <-chan struct{}
	g.do(func(t *table) { empty = t.leave() })
	select {
	case <-empty:
		g.server.shutdown(ctx) // the last answer may not be written yet; if ctx ends first, Close does the rest
	case <-ctx.Done():
	}
	return g.Close()
}

// Forget makes every session unknown at once, as a gateway that has crashed
// and come back does: their ids get 400 from now on, their messenger
// connections close, and SessionEnded says so of each. Listeners and
// connections stay. New sessions can be opened at once.
func (g *Gateway) Forget() { g.do(func(t *table) { t.forget(time.Now()) }) }

// ForgetChats does the same to the sessions with a switchboard, as where the
// machine that serves these has crashed. Those with a notification server go on.
func (g *Gateway) ForgetChats() { g.do(func(t *table) { t.forgetServer(time.Now(), SB) }) }

// Maintain answers every request with 503 for d, with a Retry-After that says how
// long that still is. The sessions are kept.
func (g *Gateway) Maintain(d time.Duration) {
	g.do(func(t *table) { t.shut(time.Now().Add(d)) })
}

// Restart is a crash from which the gateway comes back after d: it forgets every
// session and resets its server's connections, and those that come meanwhile.
func (g *Gateway) Restart(d time.Duration) {
	open := g.server.refuse(d)
	g.Forget()
	for _, c := range open {
		c.abort()
	}
}

// Leave is the end of the machine with that address: its listeners close, its
// connections are reset, and no GW-IP names it any more, as long as there is another.
// The sessions go on.
func (g *Gateway) Leave(address string) {
	g.do(func(t *table) {
		others := slices.DeleteFunc(slices.Clone(t.dialect.Addresses), func(a string) bool { return a == address })
		if len(others) > 0 {
			t.dialect.Addresses = others
		}
	})
	for _, c := range g.server.leave(address) {
		c.abort()
	}
}

// do lets act use the table and then tells what has happened.
func (g *Gateway) do(act func(*table)) {
	g.mu.Lock()
	act(g.table)
	news := len(g.table.journal.events) > 0
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
	events := g.table.journal.collect()
	g.mu.Unlock()
	if g.options.Observe == nil {
		return
	}
	for _, e := range events {
		g.options.Observe(e)
	}
}

// count counts somebody in whom Close waits for, unless the gateway is closed.
func (g *Gateway) count(group *sync.WaitGroup) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		group.Add(1)
	}
	return !g.closed
}

// Serve answers what comes in on l, in the calling goroutine, until Close; it
// then returns nil. Several listeners may be served at one time: sessions do
// not care which one a request comes through. It takes l over.
func (g *Gateway) Serve(l net.Listener) error { return g.server.serve(l) }

// Guard applies the gateway's limits to a server beside it, such as its messenger over
// TCP: while a connection lasts, it counts as a connection and as a session of its
// address. One that is refused is closed, and observed as Rejected. The caller closes
// the listener.
func (g *Gateway) Guard(l net.Listener, server Server) net.Listener {
	return &guarded{Listener: l, g: g, server: server}
}
