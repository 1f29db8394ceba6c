package gateway

import (
	"bytes"
	"time"

	"gauntlet/harness/msn/msnhttp"
	machine "gauntlet/harness/msn/session"

	"pgregory.net/rapid"
)

// duet is one gateway's table, one client's machine at a time, a messenger,
// and a network in between that forgets and repeats.
type duet struct {
	*table
	*life
	now time.Time

	out        *parcel  // the client's request without an answer, nil if none is
	attempt    int      // how often the client has sent
	travelling []parcel // copies on their way to the gateway
	past       []parcel // the latest requests, for boxes that retry
	pending    []*reply
	answers    []verdict // on their way to whoever sent the request
	talks      []*talk   // all sessions, in the order in which they were opened

	commands, lines       int
	steps, answered, lost int
}

// life is the machine's.
type life struct {
	client *machine.Machine
	wanted []byte // all that the user has submitted
	line   *talk  // the client's session, nil before it is open
}

// talk is one session's bytes: what both sides have said and got.
type talk struct {
	*life
	session          *session
	heard, said, got []byte
}

// parcel is a copy of the request of one attempt.
type parcel struct {
	*life
	attempt int
	request machine.Request
}

// verdict is what the gateway has to say to a parcel: a reply or a refusal.
type verdict struct {
	attempt int
	reply   *reply
	refused *refusal
}

func newDuet(t *rapid.T, dialect Dialect) *duet {
	dialect.Idle = 1000 * time.Hour // time-outs are another matter
	seed := rapid.Uint64().Draw(t, "seed")
	return &duet{table: newTable(dialect, Limits{}, seed), life: newLife(), now: time.Unix(0, 0)}
}

func newLife() *life {
	return &life{client: machine.New(machine.Config{
		Server: msnhttp.ServerNS, Authority: DefaultHost, IP: "messenger.hotmail.com", Patience: 1000 * time.Hour,
	})}
}

// draw takes one of several out, whichever.
func draw[T any](t *rapid.T, label string, from *[]T) T {
	if len(*from) == 0 {
		t.Skip("no " + label)
	}
	i := rapid.IntRange(0, len(*from)-1).Draw(t, label)
	one := (*from)[i]
	*from = append((*from)[:i:i], (*from)[i+1:]...)
	return one
}

// trouble is for a client that waits for an answer, and not always.
func (d *duet) trouble(t *rapid.T) {
	if d.out == nil || rapid.IntRange(0, 3).Draw(t, "trouble") > 0 {
		t.Skip("all is well")
	}
}

// giveUp closes the connection that the client waits on.
func (d *duet) giveUp() { d.out, d.lost = nil, d.lost+1 }

// receive is one copy of a request at the gateway.
func (d *duet) receive(p parcel) {
	q := p.request.Query
	r := &request{action: p.request.Action, id: q.SessionID, server: Server(q.Server), ip: q.IP, body: p.request.Body}
	v := verdict{attempt: p.attempt}
	first := r.action == msnhttp.ActionOpen
	if first {
		if v.refused = d.reserve(d.now, r); v.refused == nil {
			v.reply = d.open(d.now, r)
			d.talks = append(d.talks, &talk{life: p.life, session: v.reply.session})
		}
	} else {
		v.reply, first, v.refused = d.begin(d.now, r)
	}
	if first {
		d.pending = append(d.pending, v.reply)
	}
	d.answers = append(d.answers, v)
	d.past = append(d.past, p)[max(0, len(d.past)-7):]
}

// whole is an answer that arrives.
func (d *duet) whole(t rapid.TB, v verdict) {
	if v.refused != nil {
		t.Fatalf("the client's own request was refused: %s", v.refused.reason)
	}
	h, err := msnhttp.ParseSessionHeader(v.reply.answer.header)
	if err != nil {
		t.Fatalf("%q: %v", v.reply.answer.header, err)
	}
	d.client.Answered(d.now, machine.Answer{Status: 200, Header: &h, Body: v.reply.answer.body})
	d.line = d.talks[v.reply.session.info.Session-1]
	d.line.got = append(d.line.got, d.client.Delivered()...)
	d.out, d.answered = nil, d.answered+1
}

// cut is an answer of which nothing arrives, or no more than its head.
func (d *duet) cut(t *rapid.T, v verdict) {
	loss := machine.Loss{}
	if v.reply != nil && rapid.Bool().Draw(t, "head") {
		h, _ := msnhttp.ParseSessionHeader(v.reply.answer.header)
		loss.Shown = h.SessionID
	}
	d.giveUp()
	d.client.Lost(d.now, loss)
}

// over is the machine's last word, which nothing here is a reason for.
func (d *duet) over(t rapid.TB, end machine.Cause) {
	t.Fatalf("the session is over: %s", end)
}

// check compares what has arrived with what was said, in every session.
func (d *duet) check(t *rapid.T) {
	d.journal.collect()
	for _, k := range d.talks {
		for _, up := range k.session.unsent() {
			k.heard = append(k.heard, up...)
		}
		if !bytes.HasPrefix(k.wanted, k.heard) {
			t.Fatalf("the messenger heard %q of %q", k.heard, k.wanted)
		}
		if !bytes.HasPrefix(k.said, k.got) {
			t.Fatalf("the client got %q of %q", k.got, k.said)
		}
		if len(k.session.tickets) > 2+len(k.session.log) || int(k.session.down.end()) != len(k.said) {
			t.Fatalf("%d ids, %d entries, %d bytes", len(k.session.tickets), len(k.session.log), k.session.down.end())
		}
	}
}

// complete tells that all is where it belongs.
func (d *duet) complete() bool {
	return d.line != nil && d.out == nil && bytes.Equal(d.line.heard, d.wanted) && bytes.Equal(d.line.got, d.line.said)
}

// conclude lets everything arrive until all is there, and then the client leave.
func (d *duet) conclude(t *rapid.T) {
	for n := 0; !d.complete(); n++ {
		if n > 1000 {
			t.Fatalf("heard %q of %q, got %q of %q", d.line.heard, d.wanted, d.line.got, d.line.said)
		}
		d.exchange(t)
	}
	d.wanted = append(d.wanted, "OUT\r\n"...)
	d.client.Submit([]byte("OUT\r\n"))
	d.client.Leave()
	d.exchange(t)
	if d.client.State() != machine.Ended { // the first one was a repeat
		d.exchange(t)
	}
	end := d.client.Next(d.now).Over
	if end != machine.Left || !bytes.Equal(d.line.heard, d.wanted) {
		t.Fatalf("the client left: %+v; heard %q of %q", end, d.line.heard, d.wanted)
	}
}

// exchange is one without a fault: what is on its way arrives, then the answer.
func (d *duet) exchange(t *rapid.T) {
	if d.out == nil {
		d.drive(t)
	}
	for ; len(d.travelling) > 0; d.travelling = d.travelling[1:] {
		d.receive(d.travelling[0])
	}
	for ; len(d.pending) > 0; d.pending = d.pending[1:] {
		d.finish(d.now, d.pending[0])
	}
	for _, v := range d.answers {
		if d.out != nil && v.attempt == d.out.attempt {
			d.whole(t, v)
		}
	}
	d.answers = nil
	d.check(t)
}
