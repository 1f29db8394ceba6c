package messenger

import "gauntlet/harness/judge/history"

// effects is what happens outside of the messenger's state, in order.
type effects struct {
	pile     []func()
	draining bool
	relief   chan struct{} // closed when the pile is taken; nil if nobody waits
}

// later queues an effect; the mutex is held. Effects run without it.
func (m *Messenger) later(effect func()) {
	m.effects.pile = append(m.effects.pile, effect)
}

// observe queues an event for the observer; the mutex is held.
func (m *Messenger) observe(e history.Event) {
	if m.options.Observe == nil {
		return
	}
	e.From = history.AtMessenger
	m.later(func() { m.options.Observe(e) })
}

// drain carries out what is queued. If somebody is at it already, they will do
// this part too: an effect may therefore call back into the messenger.
func (m *Messenger) drain() {
	for {
		pile := m.take()
		if pile == nil {
			return
		}
		for _, effect := range pile {
			effect()
		}
		m.mu.Lock()
		m.effects.draining = false
		m.mu.Unlock()
	}
}

func (m *Messenger) take() []func() {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := &m.effects
	if e.draining || len(e.pile) == 0 {
		return nil
	}
	pile := e.pile
	e.pile, e.draining = nil, true
	if e.relief != nil {
		close(e.relief)
		e.relief = nil
	}
	return pile
}

// pace holds up a reader while the pile is too high, so that clients cannot
// fill the memory faster than the observer empties it.
func (m *Messenger) pace() {
	m.mu.Lock()
	if len(m.effects.pile) < pileLimit {
		m.mu.Unlock()
		return
	}
	if m.effects.relief == nil {
		m.effects.relief = make(chan struct{})
	}
	relief := m.effects.relief
	m.mu.Unlock()
	select {
	case <-relief:
	case <-m.done:
	}
}
