package gateway

import (
	"flag"
	"fmt"
	"testing"

	machine "gauntlet/harness/msn/session"

	"pgregory.net/rapid"
)

// modelSteps is how many steps the model check takes at least.
const modelSteps = 1_000_000

// TestModel lets the gateway's table and the client's machine talk over a
// network that is all chance: requests are lost before they arrive, answers
// after they were computed, whole or cut; boxes retry, delay, and answer with
// pages of their own. Whatever happens, the messenger hears each command once
// and in order, and the client gets each byte likewise.
func TestModel(t *testing.T) {
	checks, enough := 2400, modelSteps
	if testing.Short() {
		checks, enough = 100, 0
	}
	setFlag(t, "rapid.checks", checks)
	setFlag(t, "rapid.steps", 300)
	var steps, answered, lost int
	for _, name := range []string{"documented", "hostile-legal"} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				d := newDuet(t, Dialects()[name])
				t.Repeat(d.actions())
				d.conclude(t)
				steps, answered, lost = steps+d.steps, answered+d.answered, lost+d.lost
			})
		})
	}
	t.Logf("%d steps: %d exchanges answered, %d lost", steps, answered, lost)
	if !t.Failed() && steps < enough {
		t.Errorf("%d steps, at least %d are wanted", steps, enough)
	}
}

// setFlag turns a knob of rapid's, which has no other, for one test.
func setFlag(t *testing.T, name string, value int) {
	before := flag.Lookup(name).Value.String()
	if err := flag.Set(name, fmt.Sprint(value)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set(name, before) }) // it was valid before
}

// actions are what may happen next.
func (d *duet) actions() map[string]func(*rapid.T) {
	all := map[string]func(*rapid.T){
		"submit": d.submit, "speak": d.speak, // the two who talk
		"drive": d.drive, "arrive": d.arrive, "compute": d.compute, "answer": d.answer, // an exchange
		"lose": d.lose, "retry": d.retry, "page": d.page, // what boxes do
	}
	for name, act := range all {
		all[name] = func(t *rapid.T) {
			act(t)
			d.steps++ // unless it was skipped
		}
	}
	all[""] = d.check
	return all
}

// submit lets the user say something. Bodies repeat now and then: a command is
// not known by its text.
func (d *duet) submit(*rapid.T) {
	d.commands++
	body := fmt.Appendf(nil, "MSG %d N 3\r\n%03d", d.commands%7, d.commands%7)
	d.wanted = append(d.wanted, body...)
	d.client.Submit(body)
}

// speak lets the messenger say something, in two pieces.
func (d *duet) speak(t *rapid.T) {
	if d.line == nil {
		t.Skip("no session is open")
	}
	d.lines++
	said := fmt.Appendf(nil, "MSG a b 4\r\n%04d", d.lines%10_000)
	d.line.said = append(d.line.said, said...)
	cut := rapid.IntRange(0, len(said)).Draw(t, "cut")
	d.line.session.deliver(said[:cut])
	d.line.session.deliver(said[cut:])
}

// drive lets time pass until the client wants to send, and sends.
func (d *duet) drive(t *rapid.T) {
	step := d.client.Next(d.now)
	if step.Over == "" && step.Send == nil && !step.Until.IsZero() {
		d.now = step.Until
		step = d.client.Next(d.now)
	}
	switch {
	case step.Over != "":
		d.over(t, step.Over)
	case step.Send != nil:
		d.attempt++
		d.out = &parcel{life: d.life, attempt: d.attempt, request: *step.Send}
		d.travelling = append(d.travelling, *d.out)
	default:
		t.Skip("the client waits")
	}
}

// arrive brings one copy of one request to the gateway, a late one perhaps.
func (d *duet) arrive(t *rapid.T) {
	d.receive(draw(t, "copy", &d.travelling))
}

// compute settles one of the requests that the gateway works on.
func (d *duet) compute(t *rapid.T) {
	d.finish(d.now, draw(t, "pending", &d.pending))
}

// answer gives the client an answer to the request that is out, whole or cut.
func (d *duet) answer(t *rapid.T) {
	p := draw(t, "answer", &d.answers)
	if d.out == nil || p.attempt != d.out.attempt {
		return // the connection that it was for is closed
	}
	if p.reply != nil && !p.reply.entry.settled() {
		d.answers = append(d.answers, p)
		t.Skip("not computed yet")
	}
	if rapid.IntRange(0, 3).Draw(t, "cut") == 0 {
		d.cut(t, p)
		return
	}
	d.whole(t, p)
}

// lose breaks the connection that the client waits on.
func (d *duet) lose(t *rapid.T) {
	d.trouble(t)
	d.giveUp()
	d.client.Lost(d.now, machine.Loss{})
}

// retry is a box that sends a request once more, however old it is.
func (d *duet) retry(t *rapid.T) {
	if len(d.past) == 0 {
		t.Skip("nothing was sent yet")
	}
	d.travelling = append(d.travelling, rapid.SampledFrom(d.past).Draw(t, "again"))
}

// page is a box that answers by itself; the request may have gone on or not.
func (d *duet) page(t *rapid.T) {
	d.trouble(t)
	d.giveUp()
	status := rapid.SampledFrom([]int{200, 403, 502, 504}).Draw(t, "status")
	d.client.Answered(d.now, machine.Answer{Status: status, Body: []byte("OUT\r\n")})
}
