package mutants

import (
	"testing"
	"time"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/msn/session"
)

// patient is a brain with its clock.
type patient struct {
	*testing.T
	client.Brain
	now time.Time
}

// opened is a session of such a client that is open, with the id 1.
func opened(t *testing.T, b brain) *patient {
	t.Helper()
	p := fresh(t, b, "VER")
	p.sends("open", "", "VER")
	p.answered("1", "")
	return p
}

func fresh(t *testing.T, b brain, commands ...string) *patient {
	p := &patient{T: t, now: time.Unix(0, 0)}
	p.Brain = b(session.Config{Server: "NS", Authority: "gateway", IP: "ns"})
	for _, c := range commands {
		p.Submit([]byte(c))
	}
	return p
}

func (p *patient) sends(action, id, body string) {
	p.Helper()
	step := p.Next(p.now)
	if step.Send == nil {
		p.Fatalf("%s: nothing is sent: %+v", action, step)
	}
	if r := *step.Send; r.Action != action || r.Query.SessionID != id || string(r.Body) != body {
		p.Fatalf("sent %+v, want %s %q %q", r, action, id, body)
	}
}

// waits wants that nothing is sent for d, and then lets it pass.
func (p *patient) waits(d time.Duration) {
	p.Helper()
	if step := p.Next(p.now); step.Send != nil || step.Over != "" || !step.Until.Equal(p.now.Add(d)) {
		p.Fatalf("%+v, want a wait of %s", step, d)
	}
	p.now = p.now.Add(d)
}

func (p *patient) idles() {
	p.Helper()
	if step := p.Next(p.now.Add(time.Hour)); step.Send != nil || step.Over != "" {
		p.Fatalf("%+v, want nothing", step)
	}
}

func (p *patient) over(cause session.Cause) {
	p.Helper()
	if end := p.Next(p.now).Over; end != cause {
		p.Fatalf("over: %q, want %q", end, cause)
	}
}

func (p *patient) answered(id, body string) {
	p.Answered(p.now, session.Answer{Status: 200, Header: &msnhttp.SessionHeader{SessionID: id}, Body: []byte(body)})
}

func (p *patient) closing(id string) {
	p.Answered(p.now, session.Answer{Status: 200, Header: &msnhttp.SessionHeader{SessionID: id, Close: true}})
}

func (p *patient) status(code int)   { p.Answered(p.now, session.Answer{Status: code}) }
func (p *patient) lost(shown string) { p.Lost(p.now, session.Loss{Shown: shown}) }

// afterLosses is what each brain does when a message was lost and another
// waits; the cut answer had shown the id 2.
var afterLosses = map[string]struct {
	brain brain
	want  func(*patient)
}{
	"forgets it": {afterLoss(forgetIt), func(p *patient) { p.sends("command", "1", "MSG 2 N 0\r\n") }},
	"last": {afterLoss(sendLast), func(p *patient) {
		p.sends("command", "1", "MSG 2 N 0\r\n")
		p.answered("3", "")
		p.sends("command", "3", "MSG 1 N 0\r\n")
	}},
	"reopens":     {afterLoss(reopen), func(p *patient) { p.over(session.Forgotten) }},
	"gives it up": {afterLoss(despair), func(p *patient) { p.over(session.Unreachable) }},
	"another id": {rash, func(p *patient) {
		p.waits(100 * time.Millisecond)
		p.sends("command", "2", "MSG 1 N 0\r\n")
		p.answered("3", "")
		p.sends("command", "3", "MSG 2 N 0\r\n")
	}},
	"as a new one": {anew, func(p *patient) {
		p.sends("command", "1", "MSG 2 N 0\r\n")
		p.answered("3", "")
		p.sends("command", "3", "MSG 1000000 N 0\r\n")
		p.lost("")
		p.sends("command", "3", "MSG 1000001 N 0\r\n")
		p.answered("4", "ACK 2\r\nACK 1000001\r\nAC")
		if got := string(p.Delivered()); got != "ACK 2\r\nACK 1\r\n" {
			p.Errorf("delivered %q", got)
		}
	}},
}

func TestAfterALoss(t *testing.T) {
	for name, c := range afterLosses {
		t.Run(name, func(t *testing.T) {
			p := opened(t, c.brain)
			p.Submit([]byte("MSG 1 N 0\r\n"))
			p.Submit([]byte("MSG 2 N 0\r\n"))
			p.sends("command", "1", "MSG 1 N 0\r\n")
			p.lost("2")
			c.want(p)
		})
	}
}

// A stranger's page is a loss as well; what was not sent is repeated by all, and
// so is an open.
func TestWhatIsALossToThem(t *testing.T) {
	for name, c := range afterLosses {
		t.Run(name, func(t *testing.T) {
			p := fresh(t, c.brain, "VER")
			p.sends("open", "", "VER")
			p.lost("9")
			p.waits(100 * time.Millisecond)
			p.sends("open", "", "VER")
			p.status(502)
			p.waits(500 * time.Millisecond)
			p.sends("open", "", "VER")
			p.answered("1", "")
			p.Submit([]byte("MSG 1 N 0\r\n"))
			p.sends("command", "1", "MSG 1 N 0\r\n")
			p.Lost(p.now, session.Loss{Unsent: true})
			p.waits(100 * time.Millisecond)
			p.sends("command", "1", "MSG 1 N 0\r\n")
			p.status(502)
			if step := p.Next(p.now); name != "another id" && step.Send != nil && string(step.Send.Body) == "MSG 1 N 0\r\n" && name != "last" {
				t.Errorf("repeats after a page: %+v", step)
			}
		})
	}
}

func TestImpatience(t *testing.T) {
	p := opened(t, impatient(false))
	p.waits(2 * time.Second)
	p.sends("poll", "1", "")
	p.idles()
	p.Submit([]byte("MSG"))
	p.sends("command", "1", "MSG")
	p.answered("2", "a")
	p.answered("3", "b") // the other one's
	p.waits(2 * time.Second)
	p.sends("poll", "3", "")
	if got := string(p.Delivered()); got != "ab" {
		t.Errorf("delivered %q", got)
	}

	p = opened(t, impatient(true))
	for range 3 {
		p.waits(2 * time.Second)
		p.sends("poll", "1", "")
	}
}

// Answers of requests that overlap come in any state.
func TestOverlapsAreBorne(t *testing.T) {
	whole, last := func(p *patient) { p.answered("9", "") }, func(p *patient) { p.closing("9") }
	refused, lost := func(p *patient) { p.status(400) }, func(p *patient) { p.lost("") }
	all := []func(*patient){whole, last, refused, lost}
	for i, first := range all {
		for k, second := range all {
			p := opened(t, impatient(false))
			p.Submit([]byte("MSG 1"))
			p.Submit([]byte("MSG 2"))
			p.sends("command", "1", "MSG 1")
			p.sends("command", "1", "MSG 2")
			first(p)
			second(p)
			over := p.Next(p.now).Over != ""
			if ends := i == 1 || i == 2 || k == 1 || k == 2; over != ends {
				t.Errorf("after %d and %d: over %v", i, k, over)
			}
		}
	}
}

func TestUndeterred(t *testing.T) {
	p := opened(t, undeterred)
	p.waits(2 * time.Second)
	p.sends("poll", "1", "")
	p.status(400)
	p.waits(100 * time.Millisecond)
	p.sends("poll", "1", "")
	p = fresh(t, undeterred, "VER")
	p.sends("open", "", "VER")
	p.status(400) // of an open it is believed
	p.over(session.Forgotten)
}

func TestBackingOffAlwaysTheSame(t *testing.T) {
	p := opened(t, backingOff(time.Minute))
	p.waits(2 * time.Second)
	for range 3 {
		p.sends("poll", "1", "")
		p.lost("")
		p.waits(time.Minute)
	}
}

func TestBodies(t *testing.T) {
	p := fresh(t, allAtOnce, "VER\r\n", "CVR\r\n")
	p.sends("open", "", "VER\r\nCVR\r\n")
	p.Submit([]byte("A"))
	p.Submit([]byte("B"))
	p.answered("1", "")
	p.sends("command", "1", "AB")
	p.Submit([]byte("C"))
	p.status(400)
	p.over(session.Forgotten)

	p = fresh(t, notInTheOpen, "VER", "CVR")
	p.sends("open", "", "")
	p.answered("1", "")
	p.sends("command", "1", "VER")
	p.answered("2", "")
	p.sends("command", "2", "CVR")
}
