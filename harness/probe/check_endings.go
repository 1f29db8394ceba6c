package probe

import (
	"strings"
	"time"

	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/msn/msnhttp"
)

func pingRefused(p *prober) (outcome, error) {
	s, err := p.open()
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	a, err := s.say("PNG\r\n")
	if err != nil {
		p.learn("png", string(gateway.PNGRefused))
		return pass("it %v", err)
	}
	p.learn("png", string(gateway.PNGPasses))
	return fail("it got %s, and %q", a.line, clip(string(a.body)))
}

// endOut leaves, and asks whether anything of the session is left.
func endOut(p *prober) (outcome, error) {
	s, err := p.open()
	if err != nil {
		return outcome{}, err
	}
	defer s.c.Close()
	a, err := s.say("OUT\r\n")
	if err != nil {
		return outcome{}, err
	}
	p.learn("out", string(gateway.OutPlain))
	if a.session.Close {
		p.learn("out", string(gateway.OutCloses))
	}
	for n := range 8 {
		if a.session.Close {
			break
		}
		if err := p.wait(pace); err != nil {
			return outcome{}, err
		}
		if a, err = s.poll(); err != nil {
			return pass("poll %d after it %v", n+1, err)
		}
	}
	if !a.session.Close {
		return fail("eight polls later the session is still there")
	}
	if again, err := s.poll(); err == nil && !again.session.Close {
		return fail("Session=close was said, but the session goes on")
	}
	return pass("Session=close is said")
}

// endTold makes the server hang up, by asking for no version that there is.
func endTold(p *prober) (outcome, error) {
	s, err := p.begin(p.request(p.opening(), "VER 1 GAUNTLET0\r\n"))
	if err != nil {
		return outcome{}, err
	}
	defer s.c.Close()
	last := s.answers[0]
	for end := time.Now().Add(p.target.Patience); !last.session.Close; {
		if time.Now().After(end) {
			p.learn("closing", string(gateway.CloseNever))
			return fail("it never was, in %v", p.target.Patience)
		}
		if err := p.wait(pace); err != nil {
			return outcome{}, err
		}
		if last, err = s.poll(); err != nil {
			return fail("the session ended without it: a poll %v", err)
		}
	}
	p.learn("closing", string(gateway.CloseAlone))
	if len(last.body) > 0 {
		p.learn("closing", string(gateway.CloseWithBody))
		return pass("with the last bytes, %q", clip(string(last.body)))
	}
	return pass("alone, after %q", clip(s.heard))
}

// pollHeld asks with a Lifespan of three seconds when there is nothing to say.
func pollHeld(p *prober) (outcome, error) {
	s, err := usual(p)
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	began := time.Now()
	if _, err := s.ask(p.request(script+"?Action=poll&Lifespan=3&SessionID="+msnhttp.EscapeID(s.id), "")); err != nil {
		return fail("a poll with Lifespan=3 %v", err)
	}
	took := time.Since(began)
	if took > 2*time.Second {
		p.learn("long-poll", string(gateway.LongPollHonoured))
		return pass("for %v", took.Round(100*time.Millisecond))
	}
	p.learn("long-poll", string(gateway.LongPollIgnored))
	return pass("it is not")
}

// quiet is for how long a client may have nothing to ask.
const quiet = 8 * time.Second

func timeQuiet(p *prober) (outcome, error) {
	s, err := p.open()
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	if err := p.wait(quiet); err != nil {
		return outcome{}, err
	}
	if err := s.again(); err != nil {
		return fail("a poll after %v %v", quiet, err)
	}
	return pass("it does")
}

// again polls on the connection that there is or, if it has ended meanwhile,
// which is another matter, on another.
func (s *session) again() error {
	a, err := s.poll()
	if err == nil || a.status != 0 {
		return err
	}
	if err := s.reconnect(); err != nil {
		return err
	}
	_, err = s.poll()
	return err
}

// timeOut lets sessions be, each for another time, and looks which are dead.
func timeOut(p *prober) (outcome, error) {
	if p.target.Idle <= 0 {
		return unsure("not asked for: it takes minutes")
	}
	var waits []time.Duration
	for d := 2 * time.Second; d < p.target.Idle; d = d * 3 / 2 {
		waits = append(waits, d)
	}
	waits = append(waits, p.target.Idle)
	alive, err := p.aliveAfter(waits)
	if err != nil {
		return outcome{}, err
	}
	var longest time.Duration
	for i, d := range waits {
		if !alive[i] {
			p.traits["idle"] = []string{longest.String(), d.String()}
			return pass("between %v and %v after the last request", longest, d)
		}
		longest = d
	}
	return fail("not within %v", p.target.Idle)
}

// spoken is a list as people say it.
func spoken(list []string) string { return strings.Join(list, " or ") }
