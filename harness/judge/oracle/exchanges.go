package oracle

import (
	"gauntlet/harness/judge/trace"
)

// oneInFlight holds that no request of a session begins while another of the
// same session is out (S14). A request is out from its first byte until the
// last byte of its answer is handed on, or until its connection ends. One that
// crossed the end of its connection may be read long after it was sent, and is
// left out.
func oneInFlight(t *trace.Trace) (f Assessment) {
	last := map[*trace.Session]*trace.Request{}
	for _, r := range t.Requests {
		if r.Session == nil || r.IsOpen() || r.Crossed {
			continue
		}
		before := last[r.Session]
		last[r.Session] = r
		if before == nil {
			continue
		}
		if before.Ended >= 0 && r.Began+t.Ties >= before.Ended {
			f.OK()
			continue
		}
		f.Fail([]int{before.Ordinal, r.Ordinal},
			"request %d (%s, connection %d) began at %s while request %d (%s, connection %d) of the same session was out since %s",
			r.Ordinal, r.Name(), r.Conn, Clock(r.Began), before.Ordinal, before.Name(), before.Conn, Clock(before.Began))
	}
	f.Missing("fewer than two requests of one session were seen")
	return f
}
