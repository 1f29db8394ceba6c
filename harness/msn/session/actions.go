package session

import "gauntlet/harness/msn/msnhttp"

func (m *Machine) sendOpen(happening) {
	m.out = m.request(msnhttp.ActionOpen)
}

func (m *Machine) sendNext(happening) {
	action := msnhttp.ActionPoll
	if len(m.queue) > 0 {
		action = actionCommand
	}
	m.out = m.request(action)
}

// repeat sends what is out as it was.
func (m *Machine) repeat(happening) {}

func (m *Machine) accept(h happening) {
	m.id = h.answer.Header.SessionID
	if ip := h.answer.Header.GatewayIP; ip != "" {
		m.authority = ip
	}
	m.delivered = append(m.delivered, h.answer.Body...)
	m.out, m.troubles, m.shown, m.triedShown = nil, 0, "", false
	m.nextPoll = h.now.Add(m.cfg.PollEvery)
}

func (m *Machine) acceptLast(h happening) {
	cause := ByServer
	if m.leaving {
		cause = Left
	}
	m.accept(h)
	ends(cause)(m, h)
}

// ends is the action that ends the session for a cause.
func ends(cause Cause) func(*Machine, happening) {
	return func(m *Machine, h happening) {
		m.end, m.retryAt = cause, h.now.Add(min(h.answer.RetryAfter, longestRest))
	}
}

func (m *Machine) backOff(h happening) {
	if m.troubles == 0 {
		m.since = h.now
	}
	pause := m.cfg.BackOff[min(m.troubles, len(m.cfg.BackOff)-1)]
	m.retryAt = h.now.Add(max(pause, min(h.answer.RetryAfter, longestRest)))
	m.troubles++
}

// tryShown goes on under the id that the head of the cut answer had shown. What
// that answer carried is lost: the gateway keeps no log. A command is repeated, for
// its reply is wanted; but that there was an answer shows that it was processed, and
// what may be said once only is not said again.
func (m *Machine) tryShown(h happening) {
	m.triedShown = true
	if m.cfg.Once != nil && m.out.Action == actionCommand && m.cfg.Once(m.out.Body) {
		m.out = m.request(msnhttp.ActionPoll)
	}
	m.out.Query.SessionID = m.shown
	m.retryAt = h.now
}
