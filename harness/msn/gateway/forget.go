package gateway

import "time"

// Forget makes every session unknown at once, as a gateway that has crashed
// and come back does: their ids get 400 from now on, their messenger
// connections close, and SessionEnded says so of each. Listeners and
// connections stay. New sessions can be opened at once.
func (g *Gateway) Forget() { g.do(func(t *table) { t.forget(time.Now()) }) }

// forget ends the sessions, in the order in which they began, and keeps
// nothing of them, the last answers of closed ones included.
func (t *table) forget(now time.Time) {
	for number := t.forgotten + 1; number <= t.opened; number++ {
		if s := t.sessions[number]; s != nil {
			t.cutOff(now, s, EndedByForgetting)
		}
	}
	clear(t.sessions)
	t.retired, t.forgotten = nil, t.opened
}
