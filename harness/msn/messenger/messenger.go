package messenger

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"sync"

	"gauntlet/harness/msn/msnp"
)

// Messenger is a notification server and a switchboard over one set of
// accounts. All methods are safe for concurrent use. Make it with New, and in
// the synctest bubble in which it is used, if any.
type Messenger struct {
	*monitor
	options Options
	log     *slog.Logger
	running sync.WaitGroup // every goroutine, and each Serve call

	// Guarded by the mutex.
	*directory
	contacts  map[string]*Contact // those whom scripts play, by lower-case email
	passports passports           // what the login services gave out
	tickets   tickets             // what lets users into the switchboard
	random    *rand.Rand
	listeners map[net.Listener]struct{}
	links     map[*link]struct{}
	linked    int // connections so far
	closed    bool
}

// New makes a messenger that serves nobody yet. It starts no goroutine.
func New(o Options) *Messenger {
	o = o.withDefaults()
	shared, random := &monitor{hear: o.Observe, done: make(chan struct{})}, rand.New(o.Source)
	m := &Messenger{
		monitor:   shared,
		options:   o,
		log:       o.Logger,
		directory: &directory{monitor: shared, accounts: map[string]*account{}},
		contacts:  map[string]*Contact{},
		passports: passports{},
		tickets:   tickets{random, map[string]*ticket{}},
		random:    random,
		listeners: map[net.Listener]struct{}{},
		links:     map[*link]struct{}{},
	}
	for _, a := range o.Accounts {
		m.register(a)
	}
	return m
}

// ErrClosed is what serving ends with that begins after Close.
var ErrClosed = errors.New("the messenger is closed")

// ServeNotification accepts clients of the notification server on l until
// Close, which it reports as nil. It owns l. Any other end is an error.
func (m *Messenger) ServeNotification(l net.Listener) error {
	return m.serve(l, "NS", newNotification)
}

// ServeSwitchboard accepts clients of the switchboard, likewise.
func (m *Messenger) ServeSwitchboard(l net.Listener) error {
	return m.serve(l, "SB", newSwitchboard)
}

func (m *Messenger) serve(l net.Listener, server string, begin func(*link) session) error {
	if !m.enter(l) {
		_ = l.Close() // it is ours, and of no use
		return fmt.Errorf("serve %s: %w", server, ErrClosed)
	}
	defer m.running.Done()
	for {
		conn, err := l.Accept()
		if err != nil {
			return m.acceptEnded(l, server, err)
		}
		m.welcome(conn, server, begin)
	}
}

func (m *Messenger) enter(l net.Listener) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.listeners[l] = struct{}{}
	m.running.Add(1)
	return true
}

func (m *Messenger) acceptEnded(l net.Listener, server string, err error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.listeners, l)
	if m.closed {
		return nil
	}
	return fmt.Errorf("accept on %s: %w", server, err)
}

// welcome starts a connection's goroutines, or hangs up when there are too
// many or the messenger is closing.
func (m *Messenger) welcome(conn net.Conn, server string, begin func(*link) session) {
	http := m.options.HTTP(conn)
	m.do(func() {
		if m.closed || len(m.links) >= m.options.MaxConnections {
			m.log.Warn("connection refused", "server", server, "open", len(m.links), "closing", m.closed)
			m.later(func() { _ = conn.Close() }) // nobody is there to hear of a failure
			return
		}
		m.admit(conn, server, begin, http)
	})
}

func (m *Messenger) admit(conn net.Conn, server string, begin func(*link) session, http bool) {
	m.linked++
	l := newLink(m, conn, server, m.linked, http)
	l.session = begin(l)
	m.links[l] = struct{}{}
	m.running.Go(l.read)
	m.running.Go(l.write)
}

// Close tells signed-in clients OUT SSD, hangs up on everybody, ends every
// goroutine and waits for them; a client that doesn't read delays it by at
// most 2 s. The error joins those of closing the listeners. Closing again
// waits and reports nil.
func (m *Messenger) Close() error {
	err := m.shut()
	m.drain()
	m.running.Wait()
	return err
}

func (m *Messenger) shut() (err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil
	}
	m.closed = true
	close(m.done)
	for l := range m.listeners {
		err = errors.Join(err, l.Close())
	}
	for _, l := range m.byAge() {
		l.session.close(msnp.New("OUT", "SSD"), "shutdown")
	}
	return err
}

// CloseChats hangs up on all clients of the switchboard, as that does on chats in which
// nobody has spoken for long. Who was called into one is alone there, and leaves.
func (m *Messenger) CloseChats() {
	m.do(func() {
		for _, l := range m.byAge() {
			if l.server == "SB" {
				l.session.close(msnp.Command{}, "")
			}
		}
	})
}

// byAge lists the open connections, oldest first.
func (m *Messenger) byAge() []*link {
	all := make([]*link, 0, len(m.links))
	for l := range m.links {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b *link) int { return cmp.Compare(a.number, b.number) })
	return all
}
