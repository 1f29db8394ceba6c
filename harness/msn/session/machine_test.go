package session

import (
	"strings"
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
	if said := strings.TrimSuffix(action, "command"); r.Query.Action != said {
		s.Fatalf("the query says %q, want %q", r.Query.Action, said)
	}
	if r.Action != action || r.Query.SessionID != id || string(r.Body) != body {
		s.Fatalf("sent %+v, want %s %q %q", r, action, id, body)
	}
	s.sent = &r
}

// waits wants that nothing is sent for d, and then lets it pass.
func (s *stage) waits(d time.Duration) {
	s.Helper()
	if step := s.m.Next(s.now); step.Send != nil || step.Over != "" || !step.Until.Equal(s.now.Add(d)) {
		s.Fatalf("in state %s: %+v, want a wait of %s", s.m.State(), step, d)
	}
	s.now = s.now.Add(d)
}

// idles wants that nothing is sent before another input.
func (s *stage) idles() {
	s.Helper()
	if step := s.m.Next(s.now.Add(time.Hour)); step.Send != nil || step.Over != "" || !step.Until.IsZero() {
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

func (s *stage) over(cause Cause) {
	s.Helper()
	if end := s.m.Next(s.now).Over; end != cause {
		s.Fatalf("over: %q, want %q", end, cause)
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
	s.over(ByServer)
	s.over(ByServer)
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

// Who asks for a rest gets it, up to a third of the time after which the gateway
// forgets the session, and never less than we rest by ourselves.
func TestWaitsAsTold(t *testing.T) {
	for told, want := range map[time.Duration]time.Duration{
		0: 100 * time.Millisecond, 50 * time.Millisecond: 100 * time.Millisecond, 17 * time.Second: 17 * time.Second, time.Hour: 20 * time.Second,
	} {
		s := ready(t)
		s.m.Submit([]byte("MSG"))
		s.sends("command", "1", "MSG")
		s.m.Answered(s.now, Answer{Status: 503, RetryAfter: told})
		s.waits(want)
		s.sends("command", "1", "MSG")
	}
}

func TestForgottenSession(t *testing.T) {
	s := ready(t)
	s.m.Submit([]byte("MSG 1"))
	s.m.Submit([]byte("MSG 2"))
	s.sends("command", "1", "MSG 1")
	s.status(400)
	s.over(Forgotten)
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
	s.over(Forgotten)
}

// An answer that was cut shows that its request was processed: a message is not
// said again.
func TestUnderTheShownIDNothingIsSaidTwice(t *testing.T) {
	for name, then := range map[string]func(*stage){
		"and all is well": func(s *stage) { s.answered("3", ""); s.sends("command", "3", "MSG 2") },
		"and it is gone":  func(s *stage) { s.status(400); s.over(Forgotten) },
	} {
		t.Run(name, func(t *testing.T) {
			s := &stage{T: t, now: time.Unix(0, 0), m: New(Config{Server: "NS", Once: func(c []byte) bool { return c[0] == 'M' }})}
			s.m.Submit([]byte("VER"))
			s.sends("open", "", "VER")
			s.answered("1", "")
			s.m.Submit([]byte("MSG 1"))
			s.m.Submit([]byte("MSG 2"))
			s.sends("command", "1", "MSG 1")
			s.lost("2")
			s.waits(100 * time.Millisecond)
			s.sends("command", "1", "MSG 1")
			s.status(400)
			s.sends("poll", "2", "")
			then(s)
		})
	}
}

// A loss that shows nothing takes nothing back of what one before had shown.
func TestWhatWasShownStays(t *testing.T) {
	s := ready(t)
	s.m.Submit([]byte("MSG"))
	s.sends("command", "1", "MSG")
	s.lost("2")
	s.waits(100 * time.Millisecond)
	s.sends("command", "1", "MSG")
	s.lost("")
	s.pass(time.Second)
	s.sends("command", "1", "MSG")
	s.status(400)
	s.sends("command", "2", "MSG")
}

// A page is a page, whatever header it has.
func TestAPageWithTheGatewaysHeader(t *testing.T) {
	s := ready(t)
	s.m.Submit([]byte("MSG"))
	s.sends("command", "1", "MSG")
	s.m.Answered(s.now, Answer{Status: 502, Header: &msnhttp.SessionHeader{SessionID: "2"}, Body: []byte("sorry")})
	s.waits(100 * time.Millisecond)
	s.sends("command", "1", "MSG")
	if got := s.m.Delivered(); len(got) > 0 || s.m.Troubles() != 1 {
		t.Errorf("delivered %q, %d troubles", got, s.m.Troubles())
	}
}

func TestPatienceEnds(t *testing.T) {
	s := ready(t)
	s.pass(2 * time.Second)
	s.sends("poll", "1", "")
	s.lost("")
	s.pass(10 * time.Minute)
	s.over(Unreachable)
}

// Who is not signed in yet has no session to lose: an open is repeated like all
// else, until the patience is over, whether it left, was lost or met a page.
func TestLostOpens(t *testing.T) {
	for name, lost := range map[string]func(*stage){
		"lost": func(s *stage) { s.lost("") }, "shown an id": func(s *stage) { s.lost("1") },
		"refused": (*stage).unsent, "a page": func(s *stage) { s.status(502) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, "VER")
			for _, wait := range []time.Duration{100 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second} {
				s.sends("open", "", "VER")
				lost(s)
				s.waits(wait)
			}
			s.sends("open", "", "VER")
			lost(s)
			s.pass(10 * time.Minute)
			s.over(Unreachable)
		})
	}
}

// switchboard is a stage with the session of a chat, whose first command is ready.
func switchboard(t *testing.T) *stage {
	s := &stage{T: t, now: time.Unix(0, 0), m: New(Config{Server: "SB"})}
	s.m.Submit([]byte("USR"))
	return s
}

func TestLostOpenOfASwitchboard(t *testing.T) {
	s := switchboard(t)
	s.sends("open", "", "USR")
	s.unsent()
	s.waits(100 * time.Millisecond)
	s.sends("open", "", "USR")
	s.lost("")
	s.over(OpenLost)
}

func TestRefusedOpen(t *testing.T) {
	s := newStage(t, "VER")
	s.sends("open", "", "VER")
	s.status(400)
	s.over(Forgotten)
}

// A chat's open that is refused is one that has come to nothing, as a lost one: nothing was
// there to be forgotten. It is over when the rest is that the gateway asks for.
func TestRefusedOpenOfAChat(t *testing.T) {
	for _, refusal := range []Answer{{Status: 400}, {Status: 429, RetryAfter: 5 * time.Second}} {
		s := switchboard(t)
		s.sends("open", "", "USR")
		s.m.Answered(s.now, refusal)
		if refusal.RetryAfter > 0 {
			s.waits(refusal.RetryAfter)
		}
		s.over(OpenLost)
	}
}

func TestClosedAtOnce(t *testing.T) {
	s := newStage(t, "VER")
	s.sends("open", "", "VER")
	s.closing("1")
	s.over(ByServer)
}

// A 400 is for the id, and not for the session, only if it is the answer to a
// repeat and another id was shown that has not been tried.
func TestWhatA400IsFor(t *testing.T) {
	for name, c := range map[string]struct {
		shown string
		then  func(*stage)
	}{
		"none was shown":     {"", func(s *stage) { s.over(Forgotten) }},
		"the same was shown": {"1", func(s *stage) { s.over(Forgotten) }},
		"another was shown":  {"2", func(s *stage) { s.sends("command", "2", "MSG") }},
	} {
		t.Run(name, func(t *testing.T) {
			s := ready(t)
			s.m.Submit([]byte("MSG"))
			s.sends("command", "1", "MSG")
			s.lost(c.shown)
			s.waits(100 * time.Millisecond)
			s.sends("command", "1", "MSG")
			s.status(400)
			c.then(s)
		})
	}
}

// An id that was shown is of no use once an answer has arrived whole.
func TestShownIDIsForgottenWithTheNextAnswer(t *testing.T) {
	s := ready(t)
	s.m.Submit([]byte("MSG"))
	s.sends("command", "1", "MSG")
	s.lost("2")
	s.waits(100 * time.Millisecond)
	s.sends("command", "1", "MSG")
	s.answered("3", "")
	if s.m.Troubles() != 0 {
		t.Errorf("%d troubles after an answer", s.m.Troubles())
	}
	s.pass(2 * time.Second)
	s.sends("poll", "3", "")
	s.status(400)
	s.over(Forgotten)
}

// After a session in which an id was tried, another trouble may try again.
func TestEachTroubleMayTryItsShownID(t *testing.T) {
	s := ready(t)
	for _, id := range []string{"2", "3"} {
		s.pass(2 * time.Second)
		s.sends("poll", s.m.ID(), "")
		s.lost(id)
		s.waits(100 * time.Millisecond)
		s.sends("poll", s.m.ID(), "")
		s.status(400)
		s.sends("poll", id, "")
		s.answered(id, "")
	}
}

func TestRefusedRepeatOfAnOpen(t *testing.T) {
	s := newStage(t, "VER")
	s.sends("open", "", "VER")
	s.lost("2")
	s.waits(100 * time.Millisecond)
	s.sends("open", "", "VER")
	s.status(400)
	s.over(Forgotten)
}

// A proxy's own page is no sign that an open arrived, unless it was a
// switchboard's, whose ticket is spent.
func TestPagesInPlaceOfOpens(t *testing.T) {
	s := newStage(t, "VER")
	for _, wait := range []time.Duration{100 * time.Millisecond, 500 * time.Millisecond, time.Second} {
		s.sends("open", "", "VER")
		s.status(502)
		s.waits(wait)
	}
	s = &stage{T: t, now: time.Unix(0, 0), m: New(Config{Server: "SB"})}
	s.m.Submit([]byte("USR"))
	s.sends("open", "", "USR")
	s.status(502)
	s.over(OpenLost)
}

func TestPatience(t *testing.T) {
	s := ready(t)
	s.pass(2 * time.Second)
	s.sends("poll", "1", "")
	s.lost("")
	s.waits(100 * time.Millisecond)
	s.sends("poll", "1", "")
	s.lost("")
	s.pass(10*time.Minute - 100*time.Millisecond - 1)
	s.sends("poll", "1", "") // patience is counted from the first loss
	s.lost("")
	s.pass(1)
	s.over(Unreachable)
}

func TestSettings(t *testing.T) {
	m := New(Config{Server: "NS", PollEvery: time.Second, Patience: time.Minute, BackOff: []time.Duration{time.Millisecond, 3 * time.Millisecond}})
	s := &stage{T: t, now: time.Unix(0, 0), m: m}
	s.sends("open", "", "")
	s.answered("1", "")
	s.waits(time.Second)
	s.sends("poll", "1", "")
	for i, wait := range []time.Duration{time.Millisecond, 3 * time.Millisecond, 3 * time.Millisecond} {
		s.lost("")
		if m.Troubles() != i+1 {
			t.Errorf("%d troubles, want %d", m.Troubles(), i+1)
		}
		s.waits(wait)
		s.sends("poll", "1", "")
	}
	s.lost("")
	s.pass(time.Minute)
	s.over(Unreachable)
}

// Where the answer names no gateway the last one stays.
func TestGatewayThatIsNotNamed(t *testing.T) {
	s := ready(t)
	s.pass(2 * time.Second)
	s.sends("poll", "1", "")
	s.m.Answered(s.now, Answer{Status: 200, Header: &msnhttp.SessionHeader{SessionID: "2"}})
	s.pass(2 * time.Second)
	s.sends("poll", "2", "")
	if s.sent.Authority != "10.0.0.1" {
		t.Errorf("addressed to %q", s.sent.Authority)
	}
}

// Who leaves waits until all is sent, and needs no answer that says so.
func TestLeavesWhenNothingWaits(t *testing.T) {
	s := ready(t)
	s.m.Submit([]byte("MSG"))
	s.m.Leave()
	s.sends("command", "1", "MSG")
	s.lost("")
	s.waits(100 * time.Millisecond)
	s.sends("command", "1", "MSG")
	s.answered("2", "x")
	s.over(Left)
	if got := string(s.m.Delivered()); got != "x" || s.m.Delivered() != nil {
		t.Errorf("delivered %q", got)
	}
}
