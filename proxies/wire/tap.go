package wire

import (
	"cmp"
	"errors"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gauntlet/proxies/fault"
)

// Options shape a Tap; the zero value observes and disturbs nothing.
type Options struct {
	// Hop is the number of the hop that the Tap stands at.
	Hop int
	// Faults is asked what fires here; nil fires nothing.
	Faults *fault.Schedule
	// Standing says that faults may come later, by Rearm, also where there are
	// none at first; it costs a little on every byte.
	Standing bool
	// Label gives the words and qualifiers of a request from its head, LabelBody
	// those that the complete body adds. Nil gives none. They are called with the
	// connection's lock held and must neither use the connection nor keep the
	// bytes.
	Label     func(head []byte) []string
	LabelBody func(body []byte) []string
	// Observe hears of events, those of a connection in order. It must not block
	// and must not use the connection.
	Observe func(Event)
	// Effects are by name what faults do in place of what they do else.
	Effects map[string]func(fault.Injection)
	// Path is the way that packets take before this hop's listeners; nil where
	// there is nothing on it that could disturb them.
	Path Path
	// Move gives the peer's machine another address; nil where it has only one.
	Move func() error
	// Open gives what is within connections that the peer secures, of which the Tap
	// then tells and on which faults act; nil: nothing is opened.
	Open func(net.Conn) net.Conn
	// Beside has the peer's own socket asked, when a request begins while another is
	// out, whether the peer has given up the other's connection: by the Path or, of a
	// connection in memory, at its other end.
	Beside bool
	// Began is the start of the run, for "until D"; zero means New's moment.
	Began time.Time
	// Settle is how long what was given to the peer has to arrive before a reset
	// follows it: a reset drops what is still under way. Zero means 5 ms.
	Settle time.Duration
}

// Tap is one hop: it numbers the connections and exchanges of the listeners
// that share it. Its methods are safe for concurrent use.
type Tap struct {
	options Options
	faults  atomic.Pointer[fault.Hop]

	mu        sync.Mutex // never held while anybody waits; taken after a connection's
	conns     map[*conn]struct{}
	attempts  int
	exchanges int
	fired     map[string][]int
	memory    memory
	kept      map[string]kept // by name
	moments   moments
	closed    bool
	broken    []error
	drainers  sync.WaitGroup
}

// New makes a Tap. The caller owns it and calls Close.
func New(o Options) *Tap {
	if o.Began.IsZero() {
		o.Began = time.Now()
	}
	if o.Settle == 0 {
		o.Settle = 5 * time.Millisecond
	}
	t := &Tap{options: o, conns: map[*conn]struct{}{}, fired: map[string][]int{}, kept: map[string]kept{}}
	t.moments.tap = t
	t.mu.Lock()
	t.install(o.Faults.Hop(o.Hop))
	t.mu.Unlock()
	if o.Standing {
		t.Rearm(o.standing())
	}
	t.memory = memory{wanted: o.Standing || t.hop().Any(remembers), kinds: map[string]fault.Answer{}}
	return t
}

// standing is the schedule that there is, or an empty one.
func (o Options) standing() *fault.Schedule {
	if o.Faults == nil {
		return fault.NewSchedule(nil, 0)
	}
	return o.Faults
}

// remembers reports whether a fault's effect asks for earlier answers.
func remembers(f fault.Fault) bool {
	kind, _ := f.Effect.Kind()
	return kind.Remembers
}

// Close ends every withheld Read and Write and every timer, closes the
// connections that are still open, and waits for what the Tap has started.
// Listeners are left open, but what they accept is closed at once. The error is
// what went wrong with the Path.
func (t *Tap) Close() error {
	t.mu.Lock()
	t.closed = true
	t.moments.stop()
	open := slices.Collect(maps.Keys(t.conns))
	t.mu.Unlock()
	for _, c := range open {
		c.end()
	}
	t.drainers.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	return errors.Join(t.broken...)
}

// broke keeps an error for Close.
func (t *Tap) broke(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.broken = append(t.broken, err)
}

// Fired gives, by the text of each fault that has acted, the numbers of the
// connections on which it did, in order of acting.
func (t *Tap) Fired() map[string][]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := map[string][]int{}
	for text, on := range t.fired {
		out[text] = slices.Clone(on)
	}
	return out
}

// since is the time since the run began.
func (t *Tap) since() time.Duration { return time.Since(t.options.Began) }

// emit stamps an event and passes it on.
func (t *Tap) emit(e Event) {
	if t.options.Observe == nil {
		return
	}
	e.At, e.Hop = time.Now(), t.options.Hop
	t.options.Observe(e)
}

// act records that a fault has acted on a connection.
func (t *Tap) act(text string, conn, exchange int) {
	t.mu.Lock()
	t.fired[text] = append(t.fired[text], conn)
	t.mu.Unlock()
	t.emit(Event{Kind: Fired, Conn: conn, Exchange: exchange, Fault: text})
}

// attempt numbers one attempt to connect and asks what fires on it.
func (t *Tap) attempt() attempt {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.attempts++
	hop := t.hop()
	return attempt{id: t.attempts, asked: hop, hits: hop.Connection(t.since())}
}

// enter numbers an exchange whose head has arrived and asks what fires on it;
// both under one lock, so that ordinals agree.
func (t *Tap) enter(labels []string) (int, []fault.Hit) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.exchanges++
	return t.exchanges, t.hop().Head(t.since(), labels)
}

// adopt takes a connection into the Tap's care, where Rearm and Lift find it, and gives what
// fires on it by the faults that are in force now. It is false if the Tap is closed.
func (t *Tap) adopt(c *conn, a attempt) (hits []fault.Hit, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, false
	}
	t.conns[c] = struct{}{}
	return t.hop().Since(a.asked, a.hits, t.since()), true
}

func (t *Tap) forget(c *conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.conns, c)
}

// drain starts work that Close waits for; false if the Tap is closed.
func (t *Tap) drain(work func()) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.drainers.Go(work)
	}
	return !t.closed
}

// Rearm puts other faults in place of those that the Tap has; for a change of
// some see fault.Schedule.With and Without. What has hit an exchange already
// runs on, and so do idle timers that are running. Faults for connections whose
// texts are given also act on the connections that are open, as if each had just
// come. The Tap must have been made with Options.Standing.
func (t *Tap) Rearm(s *fault.Schedule, strike ...string) {
	hop := s.Standing(t.options.Hop)
	t.mu.Lock()
	t.install(hop)
	open := t.inOrder()
	t.mu.Unlock()
	for _, text := range strike {
		for _, c := range open {
			c.mu.Lock()
			for _, hit := range hop.Struck(text, t.since()) {
				fireBetween(c, hit, c.open.real())
			}
			c.mu.Unlock()
		}
	}
}

// Lift ends what a fault goes on doing to the pace of connections that are open.
// Those of which it has swallowed bytes are closed: what follows would make no
// sense.
func (t *Tap) Lift(text string) {
	for _, c := range t.open() {
		c.mu.Lock()
		c.alarms.stop(text)
		toBox, toPeer := c.in.pace.lift(text), c.out.pace.lift(text)
		if (toBox || toPeer) && c.link.how == "" && c.ends == inUse {
			c.link.sever(fin)
		}
		lookAgain(&c.in)
		c.wake()
		c.mu.Unlock()
	}
}

// open are the connections in the Tap's care, in the order of their numbers.
func (t *Tap) open() []*conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.inOrder()
}

// inOrder is open for who holds t.mu.
func (t *Tap) inOrder() []*conn {
	return slices.SortedFunc(maps.Keys(t.conns), func(a, b *conn) int { return cmp.Compare(a.id, b.id) })
}

// install puts a hop's faults in force. t.mu is held.
func (t *Tap) install(hop *fault.Hop) {
	t.faults.Store(hop)
	t.moments.start(hop)
}

// hop is the part of the schedule that is in force; nil if nothing can fire,
// now or later.
func (t *Tap) hop() *fault.Hop { return t.faults.Load() }
