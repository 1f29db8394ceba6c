package pcapng

import (
	"net/netip"
	"strconv"
	"time"

	"gauntlet/harness/judge/history"
)

// side is a direction: up is towards the gateway.
type side int

const (
	up side = iota
	down
)

// sideOf is the direction in which the one speaks who is named so in events.
func sideOf(by string) side {
	if by == "peer" {
		return up
	}
	return down
}

// flow is one connection. seq is the number of the next byte of each side; the
// other side has acknowledged all before it, since the history tells of bytes
// when they have arrived.
type flow struct {
	c        *capture
	hop      int
	address  [2]netip.AddrPort // of who sends up, and of who sends down
	seq      [2]uint32
	last     [2][]byte // the newest head of each direction
	given    int       // bytes of an answer that were told as its head
	comments []string  // for the next packet
	saidAt   time.Duration
}

// flow is the connection that an event speaks of.
func (c *capture) flow(e *history.Event) *flow {
	id := flowID{e.Hop, e.Conn}
	if c.flows[id] == nil {
		f := &flow{c: c, hop: e.Hop, seq: [2]uint32{1000, 5000}}
		f.address = [2]netip.AddrPort{c.from(e), c.to(e)}
		c.flows[id], c.order = f, append(c.order, f)
	}
	return c.flows[id]
}

// from is the address of the connection's peer. Where the history has none, it
// is made up: the client is 10.0.0.2 and box n is 10.1.n.1, as they are in
// virtual time, and each connection has a port of its own.
func (c *capture) from(e *history.Event) netip.AddrPort {
	if a, err := netip.ParseAddrPort(e.Text); err == nil && a.Addr().Is4() {
		return a
	}
	host := netip.AddrFrom4([4]byte{10, 0, 0, 2})
	if e.Hop > 0 {
		host = netip.AddrFrom4([4]byte{10, 1, byte(e.Hop), 1})
	}
	return netip.AddrPortFrom(host, uint16(40000+e.Conn%20000))
}

// to is the address to which the peer connected: the original destination of a
// connection that was redirected, else that of the hop's box or of the gateway.
func (c *capture) to(e *history.Event) netip.AddrPort {
	if a, err := netip.ParseAddrPort(e.ID); err == nil && a.Addr().Is4() {
		return a
	}
	if e.Hop < len(c.o.Case.Chain) {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(e.Hop + 1), 1}), uint16(c.o.Case.Chain[e.Hop].ListenPort()))
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 9, 0, 80}), 80)
}

// say keeps a comment for the next packet.
func (f *flow) say(at time.Duration, text string) {
	f.comments, f.saidAt = append(f.comments, commentText(text)), at
}

// open is the handshake.
func (f *flow) open(e *history.Event) {
	if e.How != "" {
		f.say(e.At, "this connection is a "+e.How+", told as HTTP/1.1")
	}
	f.packet(e.At, up, flags{syn: true}, nil, 0)
	f.packet(e.At, down, flags{syn: true, ack: true}, nil, 0)
	f.packet(e.At, up, flags{ack: true}, nil, 0)
}

// refuse is an attempt that was turned away.
func (f *flow) refuse(e *history.Event) {
	if e.Fault != "" {
		f.say(e.At, "fault: "+e.Fault)
	}
	f.packet(e.At, up, flags{syn: true}, nil, 0)
	f.packet(e.At, down, flags{rst: true, ack: true}, nil, 0)
}

// send is data that arrived whole. The heads of both directions are kept: they
// say how the body that follows was framed.
func (f *flow) send(at time.Duration, from side, data []byte) {
	f.last[from] = data
	for first := true; len(data) > 0 || first && len(f.comments) > 0; first = false {
		n := min(len(data), segment)
		f.packet(at, from, flags{ack: true, psh: n == len(data)}, data[:n], 0)
		data = data[n:]
	}
}

// close is the end as the peer sees it: an orderly one is acknowledged and
// answered, a reset is not.
func (f *flow) close(e *history.Event) {
	if missing := e.Given - f.given; missing > 0 {
		f.say(e.At, strconv.Itoa(missing)+" bytes of the answer were handed on and not recorded")
		for ; missing > 0; missing -= segment {
			f.packet(e.At, down, flags{ack: true}, nil, min(missing, segment))
		}
	}
	from := sideOf(e.By)
	other := up + down - from
	if e.How == "RST" {
		f.packet(e.At, from, flags{rst: true, ack: true}, nil, 0)
		return
	}
	f.packet(e.At, from, flags{fin: true, ack: true}, nil, 0)
	f.packet(e.At, other, flags{fin: true, ack: true}, nil, 0)
	f.packet(e.At, from, flags{ack: true}, nil, 0)
}
