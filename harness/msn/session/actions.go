package session

import "time"

// The waits of clients that know no measure.
const (
	hardlyAny = 20 * time.Millisecond
	aMinute   = time.Minute
)

// backOffs are the waits before the first, second, … repeat; the last one
// holds for all further. From the third on it is at most one try a second.
var backOffs = []time.Duration{
	100 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second,
}

func (m *Machine) sendOpen(happening) {
	m.out, m.isRepeat = m.request("open"), false
	m.opens++
}

func (m *Machine) sendNext(h happening) {
	action := "poll"
	if len(m.queue) > 0 {
		action = "command"
	}
	m.out, m.isRepeat = m.request(action), false
	m.nextPoll = h.now.Add(m.cfg.PollEvery) // an answer puts it off
}

func (m *Machine) repeat(happening) {
	m.isRepeat = true
	if m.out.Action == "open" {
		m.opens++
	}
}

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
	m.finish(cause, h)
}

func (m *Machine) depart(h happening) { m.finish(Left, h) }

func (m *Machine) forget(h happening) { m.finish(Forgotten, h) }

func (m *Machine) loseOpen(h happening) { m.finish(OpenLost, h) }

func (m *Machine) giveUp(h happening) { m.finish(Unreachable, h) }

// finish ends the session. A poll carries nothing that could be uncertain.
func (m *Machine) finish(cause Cause, h happening) {
	m.end = &End{Cause: cause, Status: h.answer.Status}
	if m.out != nil && len(m.out.Body) > 0 {
		m.end.Uncertain = append(m.end.Uncertain, m.out.Body)
	}
	m.end.Uncertain = append(m.end.Uncertain, m.queue...)
	m.queue, m.out = nil, nil
}

func (m *Machine) backOff(h happening) {
	if m.troubles == 0 {
		m.since = h.now
	}
	m.retryAt = h.now.Add(m.wait())
	m.troubles++
}

// wait is the pause before the next repeat.
func (m *Machine) wait() time.Duration {
	switch m.cfg.Habits.BackOff {
	case AtOnce:
		return hardlyAny
	case Sluggish:
		return aMinute
	}
	return backOffs[min(m.troubles, len(backOffs)-1)]
}

// tryShown repeats the request under the id that the head of the cut answer
// had shown. What that answer carried is lost: the gateway keeps no log.
func (m *Machine) tryShown(h happening) {
	m.triedShown = true
	m.out.Query.SessionID = m.shown
	m.retryAt = h.now
}

// deviate does what a habit wants in place of a repeat.
func (m *Machine) deviate(h happening) {
	switch m.cfg.Habits.AfterLoss {
	case Reopen:
		m.state = Ended
		m.finish(Forgotten, h)
	case GiveUpAtFirst:
		m.state = Ended
		m.finish(Unreachable, h)
	case SendUnderNew:
		m.state = Broken
		m.renew()
		m.backOff(h)
	default:
		m.putAside()
		m.nextPoll = h.now.Add(m.cfg.PollEvery)
	}
}

// renew puts the newest id that was seen into the request, in a cut answer or
// not.
func (m *Machine) renew() {
	if m.shown != "" {
		m.id, m.out.Query.SessionID = m.shown, m.shown
	}
}

// putAside takes a lost command out of the way: to its owner, behind the
// others, or nowhere.
func (m *Machine) putAside() {
	lost := m.out.Body
	m.out = nil
	switch {
	case len(lost) == 0:
	case m.cfg.Habits.AfterLoss == SendItAnew:
		m.handedBack = append(m.handedBack, lost)
	case m.cfg.Habits.AfterLoss == SendItLast:
		m.queue = append(m.queue, lost)
	}
}

func (m *Machine) ignore(happening) {}
