package oracle

import (
	"time"

	"gauntlet/harness/history"
)

// How a client can be told to reach the gateway.
const (
	toldDirect = "direct"
	toldProxy  = "http proxy"
	toldOff    = "proxy switched off"
)

// told is the route that the client was configured with; ok is false if the
// history does not say.
func (e *Evidence) told() (how, proxy string, ok bool) {
	for i := range e.Events {
		if ev := &e.Events[i]; ev.Kind == history.Configured {
			return ev.How, ev.ID, true
		}
	}
	return "", "", false
}

// dial is one attempt of the client's to connect.
type dial struct {
	at      time.Duration
	address string
	failed  string // why, "" if it came about
}

func (e *Evidence) dials() []dial {
	var list []dial
	for i := range e.Events {
		ev := &e.Events[i]
		if ev.Kind != history.Dialled {
			continue
		}
		d := dial{at: ev.At, address: ev.ID}
		if ev.How != "connected" {
			d.failed = ev.How
		}
		list = append(list, d)
	}
	return list
}
