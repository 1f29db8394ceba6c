package proxies

import (
	"fmt"
	"sync/atomic"

	"gauntlet/proxies/network"
)

// A faithful box dials from one address.
//
// Quirk `egress N` (Quirks.Egress): it has N and takes the next for each
// connection, as the routers of a carrier do: a server sees one client come
// from several. Options.Egress are the networks, each with another address.

func newEgress(s Spec, o Options) egress {
	all := []network.Network{o.Network}
	if s.Quirks.Egress > 0 {
		all = o.Egress[:s.Quirks.Egress]
	}
	return egress{all, new(atomic.Uint64)}
}

// next is the network for the next dial.
func (e egress) next() network.Network {
	n := e.turn.Add(1) - 1
	return e.networks[n%uint64(len(e.networks))]
}

func checkEgress(s Spec, o Options) error {
	for _, p := range s.Phases() {
		if p.Quirks.Egress > len(o.Egress) {
			return fmt.Errorf("egress %d needs that many networks to dial on, there are %d", p.Quirks.Egress, len(o.Egress))
		}
	}
	return nil
}
