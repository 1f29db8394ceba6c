package oracle

import "gauntlet/harness/judge/history"

// lostIdle tells whether others closed an idle connection, or a fault struck it
// so that the client gave it up by itself: it was half closed, for instance.
func (e *Evidence) lostIdle(c *history.Connection, last *Request) bool {
	if c.Closed < 0 {
		return false
	}
	if c.By != "peer" {
		return true
	}
	for _, event := range e.Events {
		if event.Kind == history.Fired && event.Hop == c.Hop && event.Conn == c.Number && event.At > last.Ended && event.At <= c.Closed {
			return true
		}
	}
	return false
}
