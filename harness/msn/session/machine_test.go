package session

import (
	"testing"
	"time"

	"gauntlet/harness/msn/msnhttp"
)

// stage is a machine with its clock.
type stage struct {
	*testing.T
	m    *Machine
	now  time.Time
	sent *Request // newest
}

func newStage(t *testing.T, commands ...string) *stage {
	s := &stage{T: t, now: time.Unix(0, 0)}
	s.m = New(Config{Server: "NS", Authority: "gateway", IP: "ns"})
	for _, c := range commands {
		s.m.Submit([]byte(c))
	}
	return s
}

// sends wants a request, and keeps it.
func (s *stage) sends(action, id, body string) {
	s.Helper()
	step := s.m.Next(s.now)
	if step.Send == nil {
		s.Fatalf("%s: nothing is sent in state %s: %+v", action, s.m.State(), step)
	}
	r := *step.Send
	if r.Action != action || r.Query.SessionID != id || string(r.Body) != body {
		s.Fatalf("sent %+v, want %s %q %q", r, action, id, body)
	}
	s.sent = &r
}

// waits wants that nothing is sent for d, and then lets it pass.
func (s *stage) waits(d time.Duration) {
	s.Helper()
	if step := s.m.Next(s.now); step.Send != nil || step.Over != nil || !step.Until.Equal(s.now.Add(d)) {
		s.Fatalf("in state %s: %+v, want a wait of %s", s.m.State(), step, d)
	}
	s.now = s.now.Add(d)
}

// idles wants that nothing is sent before another input.
func (s *stage) idles() {
	s.Helper()
	if step := s.m.Next(s.now.Add(time.Hour)); step.Send != nil || step.Over != nil || !step.Until.IsZero() {
		s.Fatalf("in state %s: %+v, want nothing", s.m.State(), step)
	}
}

func (s *stage) answered(id, body string) {
	s.m.Answered(s.now, Answer{Status: 200, Header: &msnhttp.SessionHeader{SessionID: id, GatewayIP: "10.0.0.1"}, Body: []byte(body)})
}

func (s *stage) closing(id string) {
	s.m.Answered(s.now, Answer{Status: 200, Header: &msnhttp.SessionHeader{SessionID: id, Close: true}})
}

func (s *stage) status(code int)      { s.m.Answered(s.now, Answer{Status: code}) }
func (s *stage) lost(shown string)    { s.m.Lost(s.now, Loss{Shown: shown}) }
func (s *stage) unsent()              { s.m.Lost(s.now, Loss{Unsent: true}) }
func (s *stage) pass(d time.Duration) { s.now = s.now.Add(d) }

func (s *stage) over(cause Cause, uncertain ...string) {
	s.Helper()
	end := s.m.Next(s.now).Over
	if end == nil || end.Cause != cause || len(end.Uncertain) != len(uncertain) {
		s.Fatalf("over: %+v, want %s with %q", end, cause, uncertain)
	}
	for i, u := range uncertain {
		if string(end.Uncertain[i]) != u {
			s.Errorf("uncertain %q, want %q", end.Uncertain[i], u)
		}
	}
}

// ready is a session that is open, with the id 1.
func ready(t *testing.T) *stage {
	t.Helper()
	s := newStage(t, "VER")
	s.sends("open", "", "VER")
	s.answered("1", "")
	return s
}

func TestUsualSession(t *testing.T) {
	s := newStage(t, "VER", "CVR")
	s.sends("open", "", "VER")
	if q := s.sent.Query; q.Server != "NS" || q.IP != "ns" || s.sent.Authority != "gateway" {
		t.Errorf("open %+v", s.sent)
	}
	s.idles()
	s.answered("1", "a")
	s.sends("command", "1", "CVR")
	if s.sent.Authority != "10.0.0.1" {
		t.Errorf("addressed to %q", s.sent.Authority)
	}
	s.answered("2", "b")
	if got := string(s.m.Delivered()); got != "ab" || s.m.ID() != "2" {
		t.Errorf("delivered %q, id %q", got, s.m.ID())
	}
	s.waits(2 * time.Second)
	s.sends("poll", "2", "")
	s.m.Submit([]byte("OUT"))
	s.m.Leave()
	s.idles()
	s.answered("3", "")
	s.sends("command", "3", "OUT")
	s.answered("4", "")
	s.over(Left)
}

func TestServerEndsIt(t *testing.T) {
	s := ready(t)
	s.pass(2 * time.Second)
	s.sends("poll", "1", "")
	s.m.Submit([]byte("MSG"))
	s.closing("2")
	s.over(ByServer, "MSG")
	s.over(ByServer, "MSG")
}

func TestLastAnswerToOUT(t *testing.T) {
	s := ready(t)
	s.m.Submit([]byte("OUT"))
	s.m.Leave()
	s.sends("command", "1", "OUT")
	s.closing("2")
	s.over(Left)
}

func TestLostRequestIsRepeated(t *testing.T) {
	s := ready(t)
	s.m.Submit([]byte("MSG 1"))
	s.m.Submit([]byte("MSG 2"))
	s.sends("command", "1", "MSG 1")
	for _, ms := range []int64{100, 500, 1000, 2000, 4000, 5000, 5000} {
		s.lost("")
		s.waits(time.Duration(ms) * time.Millisecond)
		s.sends("command", "1", "MSG 1")
	}
	s.answered("2", "")
	s.sends("command", "2", "MSG 2")
}

func TestForeignPagesAreLosses(t *testing.T) {
	for _, page := range []Answer{{Status: 200}, {Status: 302}, {Status: 407}, {Status: 502}} {
		s := ready(t)
		s.m.Submit([]byte("MSG"))
		s.sends("command", "1", "MSG")
		s.m.Answered(s.now, page)
		s.waits(100 * time.Millisecond)
		s.sends("command", "1", "MSG")
	}
}

func TestForgottenSession(t *testing.T) {
	s := ready(t)
	s.m.Submit([]byte("MSG 1"))
	s.m.Submit([]byte("MSG 2"))
	s.sends("command", "1", "MSG 1")
	s.status(400)
	s.over(Forgotten, "MSG 1", "MSG 2")
}

func TestShownIDIsTriedOnce(t *testing.T) {
	s := ready(t)
	s.m.Submit([]byte("MSG"))
	s.sends("command", "1", "MSG")
	s.lost("2")
	s.waits(100 * time.Millisecond)
	s.sends("command", "1", "MSG")
	s.status(400)
	s.sends("command", "2", "MSG")
	s.status(400)
	s.over(Forgotten, "MSG")
}

func TestPatienceEnds(t *testing.T) {
	s := ready(t)
	s.pass(2 * time.Second)
	s.sends("poll", "1", "")
	s.lost("")
	s.pass(10 * time.Minute)
	s.over(Unreachable)
}

func TestLostOpens(t *testing.T) {
	s := newStage(t, "VER")
	s.sends("open", "", "VER")
	s.lost("")
	s.waits(100 * time.Millisecond)
	s.sends("open", "", "VER")
	s.unsent() // that was none
	s.waits(500 * time.Millisecond)
	s.sends("open", "", "VER")
	s.lost("")
	s.over(OpenLost, "VER")
}

func TestLostOpenOfASwitchboard(t *testing.T) {
	s := &stage{T: t, now: time.Unix(0, 0), m: New(Config{Server: "SB"})}
	s.m.Submit([]byte("USR"))
	s.sends("open", "", "USR")
	s.unsent()
	s.waits(100 * time.Millisecond)
	s.sends("open", "", "USR")
	s.lost("")
	s.over(OpenLost, "USR")
}

func TestRefusedOpen(t *testing.T) {
	s := newStage(t, "VER")
	s.sends("open", "", "VER")
	s.status(400)
	s.over(Forgotten, "VER")
}

func TestClosedAtOnce(t *testing.T) {
	s := newStage(t, "VER")
	s.sends("open", "", "VER")
	s.closing("1")
	s.over(ByServer)
}
