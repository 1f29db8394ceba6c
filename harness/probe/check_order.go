package probe

import (
	"fmt"
	"io"
	"time"

	"gauntlet/harness/msn/gateway"
)

// connectionOther replaces the connection before each request.
func connectionOther(p *prober) (outcome, error) {
	s, err := p.open()
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	ask, reply := p.information()
	for i, request := range []string{ask, "", ""} {
		if err := s.reconnect(); err != nil {
			return outcome{}, err
		}
		target := poll(s.id)
		if request != "" {
			target = command(s.id)
		}
		if _, err := s.ask(p.request(target, request)); err != nil {
			p.learn("binding", string(gateway.Bound))
			return fail("request %d, on a connection of its own, %v", i+1, err)
		}
	}
	p.learn("binding", string(gateway.Unbound))
	if err := s.until(reply); err != nil {
		return outcome{}, err
	}
	return pass("over three connections, with nothing lost")
}

// requestRepeated sends one command twice, byte for byte, the second time on
// another connection, as a client does that has lost the answer.
func requestRepeated(p *prober) (outcome, error) {
	s, err := p.open()
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	ask, reply := p.information()
	request := p.request(command(s.id), ask)
	lost, err := s.c.ask(request)
	if err == nil && lost.status != 200 {
		err = fmt.Errorf("got %s", lost.line)
	}
	if err == nil {
		err = s.reconnect()
	}
	if err != nil {
		return outcome{}, err
	}
	again, err := s.take(s.c.ask(request))
	if err != nil {
		p.learn("repeat", string(gateway.RepeatRejected))
		return pass("it is refused: %v; what the lost answer carried is lost", err)
	}
	return p.repeated(s, lost, again, reply)
}

// requestOverlapping sends a command and, before its answer, a poll, as
// clients must not: on one connection in one piece, then on two.
func requestOverlapping(p *prober) (outcome, error) {
	for _, how := range []func(*prober) (first, second answer, took time.Duration, err error){overlapOnOne, overlapOnTwo} {
		first, second, took, err := how(p)
		switch {
		case err != nil || first.status != 200 || second.status != 200:
			p.learn("overlap", string(gateway.OverlapRejected))
			return pass("the first got %q, the second %q", clip(first.line), said(second, err))
		case took > slow:
			p.learn("overlap", string(gateway.OverlapAllowed))
			return fail("both were served, although the first took %v", took.Round(time.Millisecond))
		}
	}
	return unsure("both were served, but answers come so quickly that they may not have overlapped")
}

// slow is how long an answer has to take for two requests that are sent at
// once to overlap for certain.
const slow = 20 * time.Millisecond

func said(a answer, err error) string {
	if err != nil {
		return err.Error()
	}
	return clip(a.line)
}

func overlapOnOne(p *prober) (first, second answer, took time.Duration, err error) {
	s, err := p.open()
	if err != nil {
		return first, second, 0, err
	}
	defer s.c.Close()
	ask, _ := p.information()
	began := time.Now()
	if _, err = io.WriteString(s.c, p.request(command(s.id), ask)+p.request(poll(s.id), "")); err != nil {
		return first, second, 0, err
	}
	if first, err = s.c.receive(); err != nil {
		return first, second, 0, err
	}
	took = time.Since(began)
	second, err = s.c.receive()
	return first, second, took, err
}

func overlapOnTwo(p *prober) (first, second answer, took time.Duration, err error) {
	s, err := p.open()
	if err != nil {
		return first, second, 0, err
	}
	defer s.c.Close()
	other, err := p.dial()
	if err != nil {
		return first, second, 0, err
	}
	defer other.Close()
	ask, _ := p.information()
	began := time.Now()
	for c, request := range map[*conn]string{s.c: p.request(command(s.id), ask), other: p.request(poll(s.id), "")} {
		if _, err = io.WriteString(c, request); err != nil {
			return first, second, 0, err
		}
	}
	if first, err = s.c.receive(); err != nil {
		return first, second, 0, err
	}
	took = time.Since(began)
	second, err = other.receive()
	return first, second, took, err
}
