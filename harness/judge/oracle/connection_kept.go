package oracle

import "gauntlet/harness/judge/history"

// connectionKept holds that a session stays on its connection as long as
// nothing disturbs it (S16, S49).
func connectionKept(e *Evidence) (f finding) {
	connections := map[int]*history.Connection{}
	for _, c := range e.Connections {
		connections[c.Number] = c
	}
	for _, s := range e.Sessions {
		for i := 1; i < len(s.Requests); i++ {
			before, r := s.Requests[i-1], s.Requests[i]
			switch {
			case before.Conn == r.Conn:
				f.ok()
			case before.excused(connections[before.Conn]), e.disturbed(before, r.Began):
			default:
				f.fail([]int{before.Ordinal, r.Ordinal}, "request %d left connection %d, which nothing had disturbed, for connection %d",
					r.Ordinal, before.Conn, r.Conn)
			}
		}
	}
	f.missing("no two requests of one session were seen")
	return f
}

// excused tells whether a client had to leave the connection after r: it was
// closed by others, or its end was announced, or the gateway moved.
func (r *Request) excused(c *history.Connection) bool {
	moved := r.Header != nil && bare(r.Header.GatewayIP) != r.authority()
	return !r.Served() || r.announcedClose() || moved || (c != nil && c.Closed >= 0 && c.By != "peer")
}
