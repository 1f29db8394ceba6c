package messenger

import (
	"sync"

	"gauntlet/harness/judge/history"
)

// monitor is the one mutex of a Messenger, and the effects of what is done
// under it: what happens outside of the guarded state, in order.
type monitor struct {
	mu   sync.Mutex          // guards all of accounts, sessions, chats and contacts
	hear func(history.Event) // the observer; nil = nobody
	done chan struct{}       // closed when Close begins

	pile     []func() // the effects that wait
	draining bool
	relief   chan struct{} // closed when the pile is taken; nil if nobody waits
}

// do changes state under the mutex, then carries out what that caused.
func (m *monitor) do(change func()) {
	m.mu.Lock()
	change()
	m.mu.Unlock()
	m.drain()
}

// later queues an effect; the mutex is held. Effects run without it.
func (m *monitor) later(effect func()) {
	m.pile = append(m.pile, effect)
}

// observe queues an event for the observer; the mutex is held.
func (m *monitor) observe(e history.Event) {
	if m.hear == nil {
		return
	}
	e.From = history.AtMessenger
	m.later(func() { m.hear(e) })
}

// drain carries out what is queued. If somebody is at it already, they will do
// this part too: an effect may therefore call back into the messenger.
func (m *monitor) drain() {
	for {
		pile := m.take()
		if pile == nil {
			return
		}
		for _, effect := range pile {
			effect()
		}
		m.mu.Lock()
		m.draining = false
		m.mu.Unlock()
	}
}

func (m *monitor) take() []func() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.draining || len(m.pile) == 0 {
		return nil
	}
	pile := m.pile
	m.pile, m.draining = nil, true
	if m.relief != nil {
		close(m.relief)
		m.relief = nil
	}
	return pile
}

// pace holds up a reader while the pile is too high, so that clients cannot
// fill the memory faster than the observer empties it.
func (m *monitor) pace() {
	m.mu.Lock()
	if len(m.pile) < pileLimit {
		m.mu.Unlock()
		return
	}
	if m.relief == nil {
		m.relief = make(chan struct{})
	}
	relief := m.relief
	m.mu.Unlock()
	select {
	case <-relief:
	case <-m.done:
	}
}

// closing reports whether Close has begun.
func (m *monitor) closing() bool {
	select {
	case <-m.done:
		return true
	default:
		return false
	}
}
