package fault

import (
	"strconv"
	"time"
)

// connectionEffects are those that know nothing of messages.
func connectionEffects() map[string]Kind {
	accepted := []Place{AtAccept, AtHead, AtRequestByte, AtForward, AtAnswer, AtStatusLine, AtField, AtResponseByte, AtEnd, AtIdle, AtMoment}
	toSide := Argument{Name: "side", Form: Choice, Words: sides(), Before: "to", Optional: true}
	whole := []Place{AtAccept, AtHead, AtForward, AtAnswer, AtStatusLine, AtField, AtResponseByte, AtEnd, AtIdle, AtMoment} // half a request that never ends is a stall
	return map[string]Kind{
		"close": {At: accepted, Doc: "the connection is closed: the client gets FIN, the box sees its end", Fire: func(i Injection, _ args) { i.End(FIN) }},
		"close later": {At: accepted, Arguments: []Argument{{Name: "time", Form: Duration}},
			Doc: "the connection is closed after so long, whatever is under way then", Fire: func(i Injection, a args) { i.After(a.duration(0), func() { i.End(FIN) }) }},
		"reset": {Streams: true, At: accepted, Arguments: []Argument{{Name: "side", Form: Choice, Words: sides(), Optional: true}},
			Doc: "the connection is reset: the client gets RST, the box ECONNRESET; with a side, the other does not notice", Fire: reset},
		"reset later": {Streams: true, At: accepted, Arguments: []Argument{{Name: "time", Form: Duration}},
			Doc: "the connection is reset after so long, whatever is under way then", Fire: func(i Injection, a args) { i.After(a.duration(0), func() { i.End(RST) }) }},
		"cut": {At: accepted, Arguments: []Argument{{Name: "side", Form: Choice, Words: sides()}},
			Doc: "the connection is closed for one side, and the other does not notice", Fire: func(i Injection, a args) { cutSide(i, a[0], FIN) }},
		"half-close": {At: accepted, Arguments: []Argument{{Name: "side", Form: Choice, Words: sides(), Before: "to", Optional: true}},
			Doc: "the client gets FIN after what it was given, what it sends still reaches the box, and what the box writes is lost; to box: the box reads the client's end, and what it writes still reaches the client", Fire: halfClose},
		"stall": {Streams: true, At: accepted, Arguments: []Argument{{Name: "time", Form: Duration, Before: "for", Optional: true}},
			Doc: "nothing more flows either way and the connection stays open, until the client leaves or the time is over", Fire: stall},
		"blackhole": {At: whole, Withholds: true, Doc: "what either side sends is swallowed, at forward the whole request; nothing closes, and neither notices that the other leaves", Fire: func(i Injection, _ args) { i.Blackhole() }},
		"delay": {At: accepted, Arguments: []Argument{{Name: "time", Form: Duration}, {Name: "most that is added by chance", Form: Duration, Before: "jitter", Optional: true}, toSide},
			Doc: "from here on whatever is sent, either way or to one side, takes so much longer", Fire: delay},
		"delay end": {At: accepted, Arguments: []Argument{{Name: "time", Form: Duration}, toSide},
			Doc: "when one side ends the connection, either or one, the other is told so much later", Fire: func(i Injection, a args) { each(a, func(d Direction) { i.DelayEnd(d, a.duration(0)) }) }},
		"bandwidth": {Paces: true, At: accepted, Arguments: []Argument{{Name: "bytes a second", Form: Number, Low: 1}, toSide},
			Doc: "from here on so many bytes a second flow, either way or to one side", Fire: func(i Injection, a args) { each(a, func(d Direction) { i.Pace(d, &metered{rate: a.number(0)}) }) }},
		"limit": {At: accepted, Arguments: []Argument{{Name: "count", Form: Number}, {Name: "unit", Form: Choice, Words: []string{"bytes"}},
			{Name: "end", Form: Choice, Words: []string{"close", "reset"}, Before: "then", Optional: true}, toSide},
			Doc: "the connection is closed, or reset, when so many bytes more have come through, either way or to one side", Fire: limit},
		"swallow": {At: accepted, Arguments: []Argument{{Name: "time", Form: Duration, Before: "for", Optional: true}, toSide},
			Doc: "from here on what is sent, either way or to one side, is lost, and each learns when the other leaves; once the time is over the connection is closed", Fire: swallow},
		"dribble": {Paces: true, At: accepted, Arguments: []Argument{{Name: "count", Form: Number, Low: 1}, {Name: "unit", Form: Choice, Words: []string{"bytes"}},
			{Name: "time", Form: Duration, Before: "every"}, {Name: "bytes more or less by chance", Form: Number, Low: 1, Before: "vary", Optional: true}, toSide},
			Doc: "from here on the bytes flow in small pieces, either way or to one side", Fire: dribble},
		"client moves": {Moves: true, At: []Place{AtAnswer, AtEnd, AtIdle},
			Doc: "the client's machine goes to another network, as from Wi-Fi to a cable: nothing gets through any more on any of its connections, nobody is told, and those that it makes from now on come from another address", Fire: func(i Injection, _ args) { i.Move() }},
		Refusal: {At: []Place{AtAccept}, Doc: "the attempt to connect is turned away", Fire: func(i Injection, _ args) { i.Refuse() }},
		Silence: {At: []Place{AtAccept}, Gate: true, Doc: "the attempt to connect is never answered: each SYN is lost", Fire: func(i Injection, _ args) { i.Ignore() }},
	}
}

func sides() []string { return []string{"client", "box"} }

// each does something to either direction, or to that to the side which is named.
func each(a args, do func(d Direction)) {
	side := a.after("to")
	if side != "client" {
		do(ToBox)
	}
	if side != "box" {
		do(ToPeer)
	}
}

func reset(i Injection, a args) {
	if len(a) == 0 {
		i.End(RST)
		return
	}
	cutSide(i, a[0], RST)
}

func limit(i Injection, a args) {
	how := FIN
	if a.after("then") == "reset" {
		how = RST
	}
	each(a, func(d Direction) { i.Limit(d, a.number(0), how) })
}

func swallow(i Injection, a args) {
	each(a, i.Swallow)
	if d := a.durationAfter("for"); d > 0 {
		i.After(d, func() { i.End(FIN) })
	}
}

func cutSide(i Injection, side, how string) {
	if side == "box" {
		i.CutBox(how)
		return
	}
	i.CutPeer(how)
}

func halfClose(i Injection, a args) {
	if a.after("to") == "box" {
		i.HalfClose(ToBox)
		return
	}
	i.HalfClose(ToPeer)
}

func stall(i Injection, a args) {
	if len(a) == 0 {
		i.Stall()
		return
	}
	i.Hold(ToBox, a.durationAfter("for"))
	i.Hold(ToPeer, a.durationAfter("for"))
}

func delay(i Injection, a args) {
	each(a, func(d Direction) {
		i.Pace(d, &delayed{draw: i.Draw, time: a.duration(0), jitter: a.durationAfter("jitter"), draws: int(d)})
	})
}

// burst is the pause up to which bytes belong to those before them.
const burst = time.Millisecond

// delayed is the Pacer of one direction.
type delayed struct {
	draw         func(int) float64
	time, jitter time.Duration
	draws        int
	due          time.Time // when what waits may pass; zero if nothing does
	passed       time.Time // when bytes passed last
}

// Admit lets bytes pass once they have waited, and those that follow at once
// with them.
func (d *delayed) Admit(now time.Time, waiting int) (int, time.Time) {
	if d.due.IsZero() && now.Sub(d.passed) > burst {
		d.due = now.Add(d.next())
	}
	if now.Before(d.due) {
		return 0, d.due
	}
	d.due, d.passed = time.Time{}, now
	return waiting, time.Time{}
}

// next is how long the next bytes take: each direction has draws of its own.
func (d *delayed) next() time.Duration {
	d.draws += 2
	return d.time + time.Duration(float64(d.jitter)*d.draw(d.draws))
}

// tick is how often a metered direction lets bytes pass, at most.
const tick = 20 * time.Millisecond

// metered is the Pacer of one direction.
type metered struct {
	rate int // bytes a second
	next time.Time
}

// Admit lets a tick's bytes pass, at least one; they use up their time.
func (m *metered) Admit(now time.Time, waiting int) (int, time.Time) {
	if now.Before(m.next) {
		return 0, m.next
	}
	n := min(waiting, max(1, m.rate*int(tick)/int(time.Second)))
	m.next = now.Add(time.Duration(n) * time.Second / time.Duration(m.rate))
	return n, time.Time{}
}

func dribble(i Injection, a args) {
	vary, _ := strconv.Atoi(a.after("vary")) // "" is 0
	each(a, func(d Direction) {
		i.Pace(d, &dribbling{draw: i.Draw, size: a.number(0), vary: vary, every: a.durationAfter("every"), draws: int(d)})
	})
}

// dribbling is the Pacer of one direction.
type dribbling struct {
	draw       func(int) float64
	size, vary int
	every      time.Duration
	draws      int
	next       time.Time
}

// Admit lets a piece pass, and the next after a while.
func (d *dribbling) Admit(now time.Time, waiting int) (int, time.Time) {
	if now.Before(d.next) {
		return 0, d.next
	}
	d.next = now.Add(d.every)
	d.draws += 2
	size := d.size - d.vary + int(float64(2*d.vary+1)*d.draw(d.draws))
	return min(max(size, 1), waiting), time.Time{}
}

// flowEffects are those that only a kernel on the way can have.
func flowEffects() map[string]Kind {
	places := []Place{AtForward, AtAnswer, AtEnd, AtIdle}
	on := func(f Flow) func(Injection, args) { return func(i Injection, _ args) { i.Flow(f, ToPeer, 0) } }
	return map[string]Kind{
		"kill flow":   {Road: true, At: places, Doc: "the kernel at the box's end ends the connection by itself: the client gets RST", Fire: on(KillFlow)},
		"forget flow": {Road: true, At: places, Doc: "the client's router forgets that it translates the connection's addresses: nothing gets through any more, and nobody is told", Fire: on(ForgetFlow)},
		"reject flow": {Road: true, At: []Place{AtEnd, AtIdle}, Doc: "a router answers what the client sends next by RST; the box hears of nothing", Fire: on(RejectFlow)},
		"lose flow": {Road: true, At: places, Arguments: []Argument{{Name: "side", Form: Choice, Words: sides(), Before: "to"}, {Name: "time", Form: Duration, Before: "for", Optional: true}},
			Doc: "a router loses what is sent to one side; once the time is over TCP repeats it, and what was sent arrives late", Fire: loseFlow},
	}
}

func loseFlow(i Injection, a args) {
	d := ToPeer
	if a.after("to") == "box" {
		d = ToBox
	}
	i.Flow(LoseFlow, d, a.durationAfter("for"))
}
