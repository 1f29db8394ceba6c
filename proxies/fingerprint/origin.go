package fingerprint

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"gauntlet/proxies/http1"
	"gauntlet/proxies/network"
)

// origin is the server behind the box. A request's target says what it does:
// /PROBE/SCRIPT, where SCRIPT is one of scripts.
type origin struct {
	setup Setup

	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]bool
	opened   int
	seen     []arrival
	work     sync.WaitGroup
}

// arrival is a request that reached the origin.
type arrival struct {
	message
	conn  int // the ordinal of its connection since drop
	at    time.Time
	ended time.Time // when the box ended the connection; zero while it has not
}

func newOrigin(s Setup) *origin { return &origin{setup: s, conns: map[net.Conn]bool{}} }

// open binds the address.
func (o *origin) open() error {
	l, err := o.setup.Listen()
	if err != nil {
		return err
	}
	o.mu.Lock()
	o.listener = l
	o.mu.Unlock()
	o.work.Go(func() { o.accept(l) })
	return nil
}

// shut frees the address; open connections end as well.
func (o *origin) shut() {
	o.mu.Lock()
	if o.listener != nil {
		_ = o.listener.Close() // nothing is to be done about it
	}
	o.listener = nil
	o.mu.Unlock()
	o.drop()
}

func (o *origin) close() {
	o.shut()
	o.work.Wait()
}

// drop ends all connections and forgets all requests.
func (o *origin) drop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for c := range o.conns {
		_ = c.Close() // the box may have been faster
	}
	clear(o.conns)
	o.seen, o.opened = nil, 0
}

func (o *origin) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		o.mu.Lock()
		if o.listener != l { // it came as the address was freed
			o.mu.Unlock()
			_ = c.Close() // nobody talks on it
			return
		}
		o.opened++
		ordinal := o.opened
		o.conns[c] = true
		o.mu.Unlock()
		o.work.Go(func() { o.talk(c, ordinal) })
	}
}

func (o *origin) talk(c net.Conn, ordinal int) {
	defer c.Close()
	in := bufio.NewReader(c)
	for {
		m := receive(in, &http1.Reader{})
		if m.err != nil {
			o.ended(ordinal)
			return
		}
		if !o.perform(c, m, o.note(m, ordinal)) {
			return
		}
	}
}

// note remembers a request and reports whether it came before.
func (o *origin) note(m message, ordinal int) (repeated bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, a := range o.seen {
		repeated = repeated || a.start() == m.start()
	}
	o.seen = append(o.seen, arrival{message: m, conn: ordinal, at: time.Now()})
	return repeated
}

// ended notes when the box has ended a connection.
func (o *origin) ended(ordinal int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range o.seen {
		if a := &o.seen[i]; a.conn == ordinal && a.ended.IsZero() {
			a.ended = time.Now()
		}
	}
}

// arrivals are the requests of a probe.
func (o *origin) arrivals(probe string) []arrival {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []arrival
	for _, a := range o.seen {
		if strings.Contains(a.start(), "/"+probe+"/") {
			out = append(out, a)
		}
	}
	return out
}

// perform does what the target says; false ends the connection.
func (o *origin) perform(c net.Conn, m message, repeated bool) bool {
	script, ok := scripts()[m.script()]
	switch {
	case strings.HasPrefix(m.start(), http.MethodConnect+" "):
		script = scripts()["tunnel"]
	case !ok || script.once && repeated:
		script = scripts()["answer"]
	}
	for i, part := range []string{script.says, script.then} {
		if i > 0 && part != "" {
			time.Sleep(o.setup.Settle / 4) // that it comes by itself, or a box may take both for one
		}
		if _, err := io.WriteString(c, part); err != nil {
			return false
		}
	}
	if script.end == nil {
		return true
	}
	if script.says != "" {
		time.Sleep(o.setup.Settle / 4) // a reset would eat what is still on its way
	}
	script.end(c)
	return false
}

func finish(c net.Conn) { _ = c.Close() }
func reset(c net.Conn)  { _ = network.Reset(c) }
