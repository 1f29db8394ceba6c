package probe

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/msn/msnhttp"
)

// prober puts the questions.
type prober struct {
	ctx    context.Context
	target Target
	traits map[string][]string
	serial int // of what was said last, so that no two replies look alike
}

// converses opens a session by a request and asks for a reply in it.
func (p *prober) converses(request string) (outcome, error) {
	s, err := p.begin(request)
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	if err := s.until("VER 1 "); err != nil {
		return outcome{}, err
	}
	return pass("%s", s.answers[0].line)
}

// aliveAfter opens a session for each time, and polls it when that is over.
func (p *prober) aliveAfter(waits []time.Duration) ([]bool, error) {
	alive := make([]bool, len(waits))
	var wg sync.WaitGroup
	defer wg.Wait()
	for i, d := range waits {
		s, err := p.open()
		if err != nil {
			return nil, fmt.Errorf("session %d of %d: %w", i+1, len(waits), err)
		}
		wg.Go(func() {
			alive[i] = p.wait(d) == nil && s.again() == nil && !s.answers[len(s.answers)-1].session.Close
			_ = s.c.Close() // seen enough
		})
	}
	wg.Wait()
	return alive, nil
}

// stranger is what another server than a gateway answers to an ordinary open;
// empty where this may be one: a gateway may refuse it, or be too busy.
func (p *prober) stranger(c *conn) string {
	s := &session{p: p, c: c}
	a, err := c.ask(p.request(p.opening(), version))
	if _, no := s.take(a, err); no == nil {
		s.leave()
		return ""
	}
	_ = c.Close() // seen enough
	refused := a.status == 400 || a.status >= 500 && a.status != 501
	if err != nil || refused || a.header != "" {
		return ""
	}
	return clip(a.line)
}

// older goes on where the id before the newest was accepted.
func (p *prober) older(s *session, first, newest string, a answer) (outcome, error) {
	if _, err := s.take(a, nil); err != nil {
		return outcome{}, err
	}
	for range 2 { // the second carries the id of the first, which acknowledges it
		if _, err := s.poll(); err != nil {
			return outcome{}, err
		}
	}
	for _, id := range []string{first, newest} {
		if a, err := s.c.ask(p.request(poll(id), "")); err == nil && a.status == 200 {
			p.learn("valid", string(gateway.ValidAny))
			return pass("all, even where a later one was carried back")
		}
		if err := s.reconnect(); err != nil {
			return outcome{}, err
		}
	}
	p.learn("valid", string(gateway.ValidUnacknowledged))
	return pass("those of answers that were not yet acknowledged by a later id")
}

// repeated tells a replay from a second execution: by the id, where ids
// change, else by the number of replies.
func (p *prober) repeated(s *session, lost, again answer, reply string) (outcome, error) {
	if err := s.until(reply); err != nil {
		return outcome{}, err
	}
	for range 3 {
		if _, err := s.poll(); err != nil {
			return outcome{}, err
		}
	}
	switch n := strings.Count(s.heard, reply); {
	case n > 1, lost.session.SessionID != again.session.SessionID:
		p.learn("repeat", string(gateway.RepeatExecutes))
		return pass("it is executed again: %d replies came after the lost answer", n)
	case p.traits["id-change"] != nil && p.traits["id-change"][0] == string(gateway.ChangesNever):
		p.learn("repeat", string(gateway.RepeatExecutes), string(gateway.RepeatReplays))
		return pass("it gets the same again; whether the command was executed twice cannot be told")
	}
	p.learn("repeat", string(gateway.RepeatReplays))
	return pass("it gets the same answer again, and is not executed twice")
}

// put asks one question. Where the conversation broke down before it was
// answered, that is a failure of what the question is about.
func (p *prober) put(c check) Finding {
	f := Finding{ID: c.id, Question: c.question, Statements: c.statements, Level: c.level}
	got, err := c.run(p)
	if err != nil {
		got = outcome{oracle.Fail, err.Error()}
		if c.level == requirement.Informational { // there is nothing that it would have to do
			got.status = oracle.Inconclusive
		}
	}
	f.Status, f.Observed = got.status, got.said
	return f
}

// learn notes which values of a knob fit what was seen.
func (p *prober) learn(knob string, values ...string) { p.traits[knob] = values }

// request is one request, byte for byte, in origin-form unless target says
// otherwise.
func (p *prober) request(target, body string, fields ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\n", target, p.target.Name, msnhttp.ContentType)
	for _, f := range fields {
		b.WriteString(f + "\r\n")
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return b.String()
}

func (p *prober) opening() string { return script + "?Action=open&Server=NS&IP=" + p.target.IP }

// information is a command with a reply of its own; no two of a run have the
// same number.
func (p *prober) information() (command, reply string) {
	p.serial++
	n := p.serial + 1
	return fmt.Sprintf("CVR %d 0x0409 win 4.10 i386 MSNMSGR 5.0.0544 MSMSGS probe@example.com\r\n", n), fmt.Sprintf("CVR %d ", n)
}

// begin opens a session on a connection of its own, with whatever request.
func (p *prober) begin(request string) (*session, error) {
	c, err := p.dial()
	if err != nil {
		return nil, err
	}
	s := &session{p: p, c: c}
	if _, err := s.take(c.ask(request)); err != nil {
		_ = c.Close() // the reason is known
		return nil, fmt.Errorf("open: %w", err)
	}
	return s, nil
}

// open opens a session as most clients do.
func (p *prober) open() (*session, error) { return p.begin(p.request(p.opening(), version)) }

// wait lets time pass.
func (p *prober) wait(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
}

func (p *prober) dial() (*conn, error) {
	c, err := p.target.Network.DialContext(p.ctx, "tcp", p.target.Address)
	if err != nil {
		return nil, err
	}
	return &conn{c, bufio.NewReaderSize(c, longestLine), p.target.Patience}, nil
}
