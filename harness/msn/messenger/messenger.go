package messenger

import (
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
)

// Messenger is a notification server and a switchboard over one set of
// accounts. All methods are safe for concurrent use. Make it with New, and in
// the synctest bubble in which it is used, if any.
type Messenger struct {
	options Options
	log     *slog.Logger
	done    chan struct{}  // closed when Close begins
	running sync.WaitGroup // every goroutine, and each Serve call

	mu        sync.Mutex // guards all below, and all state of sessions and chats
	closed    bool
	accounts  map[string]*account // by lower-case email
	order     []*account          // the same, as they came: the order of broadcasts
	contacts  map[string]*Contact
	tickets   map[string]*ticket
	passports map[string]passport // by ticket
	links     map[*link]struct{}
	listeners map[net.Listener]struct{}
	linked    int // connections so far
	random    *rand.Rand
	effects   effects
}

// New makes a messenger that serves nobody yet. It starts no goroutine.
func New(o Options) *Messenger {
	o = o.withDefaults()
	m := &Messenger{
		options:   o,
		log:       o.Logger,
		done:      make(chan struct{}),
		accounts:  map[string]*account{},
		contacts:  map[string]*Contact{},
		tickets:   map[string]*ticket{},
		passports: map[string]passport{},
		links:     map[*link]struct{}{},
		listeners: map[net.Listener]struct{}{},
		random:    rand.New(o.Source),
	}
	for _, a := range o.Accounts {
		m.register(a)
	}
	return m
}

// do changes state under the mutex, then carries out what that caused.
func (m *Messenger) do(change func()) {
	m.mu.Lock()
	change()
	m.mu.Unlock()
	m.drain()
}
