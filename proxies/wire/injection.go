package wire

import (
	"bytes"
	"net"
	"slices"
	"syscall"
	"time"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/network"
)

// How a connection ends on the wire.
const (
	fin = fault.FIN
	rst = fault.RST
)

// injection is one fault at work on one connection: what package fault calls an
// Injection. Its primitives are those that act on the connection and those that
// act on messages.
type injection struct {
	onConnection
	onMessage
}

var _ fault.Injection = (*injection)(nil)

// strike is what both know.
type strike struct {
	tap      *Tap
	hit      fault.Hit
	id       int // the connection's number
	peer     string
	attempt  net.Conn // refusals on real sockets: what was accepted
	conn     *conn    // nil while there is only an attempt
	exchange *exchange
	verdict  error        // what became of the attempt; nil lets it in
	told     bool         // and it was told before
	found    *fault.Found // what a lookup has found; nil: it is none
	fired    bool
}

type onConnection struct{ *strike }

type onMessage struct{ *strike }

func newInjection(s strike) *injection { return &injection{onConnection{&s}, onMessage{&s}} }

// inject runs the effects of the hits, one after the other. c.mu is held, but
// not while an effect runs.
func inject(c *conn, hits []fault.Hit, ex *exchange) {
	for _, hit := range hits {
		i := newInjection(strike{tap: c.tap, hit: hit, id: c.id, conn: c, exchange: ex})
		c.mu.Unlock()
		i.run()
		c.mu.Lock()
	}
}

// run runs the effect, unless the fault's time is over.
func (i *injection) run() {
	s := i.onMessage.strike
	if s.hit.Over(s.tap.since()) {
		return
	}
	effect := s.hit.Fault.Effect
	if other, replaced := s.tap.options.Effects[effect.Name]; replaced {
		other(i)
		return
	}
	effect.Fire(i)
}

// Draw implements fault.Injection.
func (i *injection) Draw(n int) float64 { return i.onMessage.hit.Draw(n) }

// acted records, once, that the fault has fired.
func (i *strike) acted() {
	if i.fired {
		return
	}
	i.fired = true
	i.tap.act(i.hit.Text, i.id, i.exchange.number())
}

// locked runs a primitive on the connection, if there is one.
func (i *strike) locked(primitive func(c *conn)) {
	if i.conn == nil {
		return
	}
	i.conn.mu.Lock()
	defer i.conn.mu.Unlock()
	primitive(i.conn)
	i.conn.wake()
}

// act runs a primitive in a state in which it means something, as one that acts.
func (i *strike) act(possible func(*conn) bool, primitive func(c *conn)) {
	i.locked(func(c *conn) {
		if c.ends != byTap && possible(c) {
			i.acted()
			primitive(c)
		}
	})
}

// Refuse implements fault.Injection.
func (i onConnection) Refuse() { i.turnAway(syscall.ECONNREFUSED, "") }

// Ignore implements fault.Injection.
func (i onConnection) Ignore() { i.turnAway(syscall.ETIMEDOUT, "no answer") }

// turnAway acts on an attempt only.
func (i onConnection) turnAway(as error, how string) {
	if i.conn != nil {
		return
	}
	if i.verdict = as; i.told {
		return
	}
	i.tap.act(i.hit.Text, i.id, 0)
	i.tap.emit(Event{Kind: Refused, Conn: i.id, Peer: i.peer, Fault: i.hit.Text, How: how})
	if i.attempt != nil {
		_ = network.Reset(i.attempt) // nobody is left to tell
	}
}

// Lead implements fault.Injection.
func (i onConnection) Lead(edit func(fault.Found) fault.Found) {
	if i.found != nil {
		i.acted()
		*i.found = edit(*i.found)
	}
}

// End implements fault.Injection.
func (i onConnection) End(how string) {
	i.act(func(c *conn) bool { return c.link.how == "" }, func(c *conn) { c.link.sever(how) })
}

// CutPeer implements fault.Injection.
func (i onConnection) CutPeer(how string) {
	i.act(func(c *conn) bool { return c.link.how == "" }, func(c *conn) { c.link.endPeer(how) })
}

// CutBox implements fault.Injection.
func (i onConnection) CutBox(how string) {
	i.act(func(c *conn) bool { return c.out.err == nil }, func(c *conn) {
		if c.link.endBox(how) {
			c.link.takeOver()
		}
	})
}

// Stall implements fault.Injection.
func (i onConnection) Stall() {
	i.withhold(stall)
}

// Blackhole implements fault.Injection.
func (i onConnection) Blackhole() {
	i.withhold(silence)
}

// Move implements fault.Injection. The address changes first: what comes from the new one
// meanwhile is left alone.
func (i onConnection) Move() {
	if i.conn == nil || i.tap.options.Move == nil {
		return
	}
	if err := i.tap.options.Move(); err != nil {
		i.tap.broke(err)
		return
	}
	for _, c := range i.tap.open() {
		if c.peer != i.conn.peer {
			continue
		}
		each := newInjection(strike{tap: i.tap, hit: i.hit, id: c.id, conn: c})
		if i.tap.options.Path != nil {
			each.Flow(fault.ForgetFlow, fault.ToPeer, 0)
		} else {
			each.Blackhole()
		}
	}
}

// withhold takes the network's side from the box.
func (i onConnection) withhold(e linkEvent) {
	i.act(func(c *conn) bool { return !c.link.taken() }, func(c *conn) {
		c.link.meet(e)
		c.link.takeOver()
	})
}

// HalfClose implements fault.Injection.
func (i onConnection) HalfClose(d fault.Direction) {
	if d == fault.ToBox {
		i.act(func(c *conn) bool { return c.in.err == nil && !c.link.boxHalted() }, func(c *conn) { endInput(&c.in) })
		return
	}
	closes := func(c *conn) bool {
		_, ok := c.Conn.(network.CloseWriter)
		return ok && c.link.can(halfClose)
	}
	i.act(closes, func(c *conn) {
		c.idle.stop()
		c.link.meet(halfClose)
		_ = c.Conn.(network.CloseWriter).CloseWrite() // fails only if the peer is gone
	})
}

// Pace implements fault.Injection.
func (i onConnection) Pace(d fault.Direction, p fault.Pacer) {
	s := stage{pacer: p}
	if until := i.hit.Fault.Often.Until; until > 0 {
		s.ends = i.tap.options.Began.Add(until)
	}
	i.put(d, s)
}

// Swallow implements fault.Injection.
func (i onConnection) Swallow(d fault.Direction) { i.put(d, stage{swallows: true}) }

// Limit implements fault.Injection.
func (i onConnection) Limit(d fault.Direction, n int, how string) {
	i.put(d, stage{limit: how, left: n})
}

// DelayEnd implements fault.Injection.
func (i onConnection) DelayEnd(d fault.Direction, t time.Duration) { i.put(d, stage{late: t}) }

// After implements fault.Injection.
func (i onConnection) After(t time.Duration, then func()) {
	i.locked(func(c *conn) {
		if c.ends != byTap && !c.ended {
			c.alarms.add(c, i.hit, t, then)
		}
	})
}

// put puts a stage up at the direction's turnstile.
func (i onConnection) put(d fault.Direction, s stage) {
	s.of = i.hit.Text
	i.turn(d, func(gate *turnstile) { gate.put(s) })
}

// Hold implements fault.Injection.
func (i onConnection) Hold(d fault.Direction, t time.Duration) {
	i.turn(d, func(gate *turnstile) {
		if moment := time.Now().Add(t); moment.After(gate.held) {
			gate.held = moment
		}
	})
}

func (i onConnection) turn(d fault.Direction, change func(*turnstile)) {
	i.act(func(c *conn) bool { return c.link.how == "" }, func(c *conn) {
		if d == fault.ToPeer {
			change(&c.out.pace)
		} else {
			change(&c.in.pace)
		}
	})
}

// EditHead implements fault.Injection.
func (i onMessage) EditHead(edit func(head []byte) []byte) {
	if i.hit.Fault.Landmark.At == fault.AtForward {
		i.editRequest(func(head, body []byte) ([]byte, []byte) { return edit(head), body })
		return
	}
	i.edit(answerEdit{strike: i.strike, edit: func(a fault.Answer) fault.Answer {
		a.Head = edit(a.Head)
		return a
	}})
}

// EditBody implements fault.Injection.
func (i onMessage) EditBody(edit func(body []byte) []byte) {
	if i.hit.Fault.Landmark.At == fault.AtForward {
		i.editRequest(func(head, body []byte) ([]byte, []byte) { return head, edit(body) })
		return
	}
	i.EditAnswer(func(a fault.Answer) fault.Answer {
		a.Body = edit(a.Body)
		return a
	})
}

// Precede implements fault.Injection.
func (i onMessage) Precede(interim []byte) {
	i.edit(answerEdit{strike: i.strike, edit: func(a fault.Answer) fault.Answer {
		a.Interim = slices.Concat(a.Interim, interim)
		return a
	}})
}

// editRequest changes the complete request of which the box has got nothing.
func (i onMessage) editRequest(edit func(head, body []byte) ([]byte, []byte)) {
	i.locked(func(c *conn) {
		if !untouched(&c.in) || c.link.how != "" || c.link.taken() || i.exchange.replacement != nil || i.exchange.early {
			return
		}
		was, now := rewriteRequest(&c.in, edit)
		if bytes.Equal(was, now) {
			return
		}
		i.acted()
		c.emit(Event{Kind: Rewritten, Exchange: i.exchange.ordinal, Labels: i.exchange.labels, Fault: i.hit.Text, Data: now})
	})
}

// EditAnswer implements fault.Injection.
func (i onMessage) EditAnswer(edit func(fault.Answer) fault.Answer) {
	i.edit(answerEdit{strike: i.strike, edit: edit, whole: true})
}

func (i onMessage) edit(e answerEdit) {
	i.locked(func(*conn) {
		if i.exchange != nil {
			i.exchange.edits = append(i.exchange.edits, e)
		}
	})
}

// Replace implements fault.Injection.
func (i onMessage) Replace(a fault.Answer) {
	at := i.hit.Fault.Landmark.At
	if at != fault.AtForward && at != fault.AtHead {
		i.EditAnswer(func(fault.Answer) fault.Answer { return a })
		return
	}
	possible := func(c *conn) bool {
		return untouched(&c.in) && c.link.how == "" && !c.link.taken() && i.exchange.replacement == nil && !i.exchange.early
	}
	i.act(possible, func(c *conn) {
		i.exchange.replacement, i.exchange.early = &a, at == fault.AtHead
		c.in.holding = true
	})
}

// Repeat implements fault.Injection. A request that is too long to be kept cannot be
// repeated.
func (i onMessage) Repeat(gives fault.Which) {
	possible := func(c *conn) bool {
		return slices.Contains(c.open, i.exchange) && i.exchange.replacement == nil && len(c.in.raw) == c.in.count &&
			!c.link.boxHalted() && c.link.how == ""
	}
	i.act(possible, func(c *conn) { c.responses.repeat(i.exchange, gives) })
}

// Earlier implements fault.Injection.
func (i onMessage) Earlier(which fault.Source) (a fault.Answer, ok bool) {
	if which != fault.SameConnection {
		return i.tap.earlier(which, i.id, i.exchange)
	}
	i.locked(func(c *conn) {
		if c.before != nil {
			a, ok = *c.before, true
		}
	})
	return a, ok
}

// RequestHead implements fault.Injection.
func (i onMessage) RequestHead() (head []byte) {
	i.locked(func(*conn) {
		if i.exchange != nil {
			head = i.exchange.head
		}
	})
	return head
}

// Flow implements fault.Injection. What goes wrong on the path is kept until the
// Tap is closed.
func (i onConnection) Flow(f fault.Flow, d fault.Direction, t time.Duration) {
	path := i.tap.options.Path
	if path == nil {
		return
	}
	i.locked(func(c *conn) {
		if c.ends == byTap || c.link.how != "" || f != fault.KillFlow && !c.link.can(partition) {
			return
		}
		if err := c.passage.disturb(path, f, d, t); err != nil {
			i.tap.broke(err)
			return
		}
		i.acted()
		if c.idle.stop(); f != fault.KillFlow {
			c.link.meet(partition)
			return
		}
		c.link.sever(rst)
	})
}
