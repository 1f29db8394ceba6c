package gateway

import "context"

// serverGoesDown is what a notification server says before it goes.
const serverGoesDown = "OUT SSD\r\n"

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
		_ = g.server.Shutdown(ctx) // the last answer may not be written yet; if ctx ends first, Close does the rest
	case <-ctx.Done():
	}
	return g.Close()
}

// leave says goodbye to every session. The channel is closed once all have
// heard it.
func (t *table) leave() <-chan struct{} {
	if t.empty == nil {
		t.empty = make(chan struct{})
		for _, s := range t.sessions {
			t.farewell(s)
		}
		t.noteEmpty()
	}
	return t.empty
}

// farewell queues the last words behind whole commands only: behind half a one
// they would be taken for its rest.
func (t *table) farewell(s *session) {
	if s.phase == closed || s.silent {
		return
	}
	if s.info.Server == string(NS) && s.down.whole() == s.down.end() {
		s.down.append([]byte(serverGoesDown))
	}
	t.lost(s)
}

// noteEmpty tells whoever shuts down that nobody is left.
func (t *table) noteEmpty() {
	if t.empty == nil || len(t.sessions)-len(t.retired)+t.opening > 0 {
		return
	}
	select {
	case <-t.empty:
	default:
		close(t.empty)
	}
}

// leaving tells whether new sessions are refused for good.
func (t *table) leaving() bool { return t.empty != nil }
