package simnet

// ports hands out port numbers in order, so that the same run gets the same
// ones; a number comes round again only after all others. Net.mu guards it.
type ports struct {
	first, count int
	given        int // how many were handed out so far
	taken        map[uint16]bool
}

// listeningPorts are for listeners that ask for port 0. They are kept apart
// from the dialling ones: how often a host dials must not move its listeners.
func listeningPorts() ports { return ports{first: 49152, count: 16384} }

// diallingPorts are the near ports of connections.
func diallingPorts() ports {
	return ports{first: 32768, count: 16384, taken: map[uint16]bool{}}
}

// next returns the next port that is not busy, or 0 if all are.
func (p *ports) next(busy func(uint16) bool) uint16 {
	for range p.count {
		port := uint16(p.first + p.given%p.count)
		p.given++
		if !busy(port) {
			return port
		}
	}
	return 0
}

// take returns the next port that was not taken, or 0, and notes it as taken.
func (p *ports) take() uint16 {
	port := p.next(func(port uint16) bool { return p.taken[port] })
	if port != 0 {
		p.taken[port] = true
	}
	return port
}

// release makes a taken port available again.
func (p *ports) release(port uint16) { delete(p.taken, port) }
