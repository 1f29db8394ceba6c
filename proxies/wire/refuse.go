package wire

import (
	"net"
	"slices"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/network"
)

// refusal is the effect that acts before there is a connection to wrap.
const refusal = "refuse"

// refuses runs the refusals among the hits on an attempt and tells whether one
// has acted. conn is nil at a gate.
func (t *Tap) refuses(hits []fault.Hit, id int, conn net.Conn, peer string) bool {
	for _, hit := range hits {
		if hit.Fault.Effect.Name != refusal {
			continue
		}
		s := Strike{tap: t, hit: hit, id: id, peer: peer, attempt: conn}
		s.run()
		if s.refused {
			return true
		}
	}
	return false
}

// Refuse turns the attempt to connect away. It acts on an attempt only.
func (s *Strike) Refuse() {
	if s.conn != nil || s.refused {
		return
	}
	s.refused = true
	s.tap.act(s.hit.Text, s.id, 0)
	s.tap.emit(Event{Kind: Refused, Conn: s.id, Peer: s.peer, Fault: s.hit.Text})
	if s.attempt != nil {
		_ = network.Reset(s.attempt) // nobody is left to tell
	}
}

func withoutRefusals(hits []fault.Hit) []fault.Hit {
	return slices.DeleteFunc(hits, func(h fault.Hit) bool { return h.Fault.Effect.Name == refusal })
}
