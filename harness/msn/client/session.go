// Package client is a client of the MSN Messenger HTTP gateway: the reference
// that a network's behaviour is measured with, and small enough to use outside
// the harness. A carrier takes a byte stream of MSNP over POSTs and polls; User
// signs in, answers challenges and chats over it. The thinking is done in
// harness/msn/session; here are the sockets, the proxy settings and the commands.
//
// A carrier and a User each own one goroutine, and one more for a request that
// is out; Close and the end of the session end them.
package client

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"gauntlet/harness/msn/session"
	"gauntlet/proxies"
	"gauntlet/proxies/network"
)

// carrierOptions is what a carrier needs. Network and Deliver must be set.
type carrierOptions struct {
	Network       network.Network
	Ways          *ways // nil: the direct one
	Secure        Securing
	Config        session.Config
	Brain         func(session.Config) Brain // nil: session.New, the documented client
	AnswerTimeout time.Duration              // how long to wait for a whole answer; 20 s
	// Deliver gets what the server sent, in order, from the session's own
	// goroutine; nothing, where an answer had none. It may Submit. It must not block.
	Deliver func([]byte)
	// Trouble hears why several requests in a row came to nothing, each cause once
	// for as long as this goes on; the session goes on, too. It must not block. Nil
	// hears nothing.
	Trouble func(error)
}

// patience is at which failure in a row the user should hear of it.
const patience = 2

// carrier is one gateway session, NS or SB. Its methods are safe for
// concurrent use.
type carrier struct {
	opt    carrierOptions
	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{}
	done   chan struct{}
	told   []int // statuses, or 0, of which the user has heard in this time of trouble; the goroutine's own

	mu    sync.Mutex
	queue [][]byte
	leave bool
	idle  []*line
	end   session.Cause
}

// Brain decides what a session does next; a *session.Machine is one. It belongs
// to the session's goroutine.
type Brain interface {
	Submit(body []byte)
	Leave()
	Next(now time.Time) session.Step
	Answered(now time.Time, a session.Answer)
	Lost(now time.Time, l session.Loss)
	Delivered() []byte
	Troubles() int
}

type result struct {
	answer session.Answer
	loss   session.Loss
	err    error
}

// open begins a session. The first command submitted goes with the open, so
// first must not be empty when a command is ready (S41).
func open(opt carrierOptions, first []byte) *carrier {
	if opt.AnswerTimeout == 0 {
		opt.AnswerTimeout = usualTimeout
	}
	if opt.Ways == nil {
		opt.Ways = &ways{routes: []proxies.Route{{}}}
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &carrier{opt: opt, ctx: ctx, cancel: cancel, wake: make(chan struct{}, 1), done: make(chan struct{})}
	var brain Brain
	if opt.Brain == nil {
		brain = session.New(opt.Config)
	} else {
		brain = opt.Brain(opt.Config)
	}
	if len(first) > 0 {
		brain.Submit(first)
	}
	go s.run(brain)
	return s
}

// Submit queues one command; it is sent when no request is out.
func (s *carrier) Submit(body []byte) {
	s.mu.Lock()
	s.queue = append(s.queue, body)
	s.mu.Unlock()
	s.nudge()
}

// Leave ends the session when all that was submitted is answered; submit OUT
// first (S51). Wait on Done.
func (s *carrier) Leave() {
	s.mu.Lock()
	s.leave = true
	s.mu.Unlock()
	s.nudge()
}

// Close drops the session where it stands and waits for its goroutines; the
// gateway is not told.
func (s *carrier) Close() {
	s.cancel()
	<-s.done
}

// Done is closed when the session is over.
func (s *carrier) Done() <-chan struct{} { return s.done }

// End tells why the session ended; valid after Done. A session that was
// dropped by Close has no cause.
func (s *carrier) End() session.Cause {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.end
}

func (s *carrier) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run owns the brain.
func (s *carrier) run(b Brain) {
	results := make(chan result)
	flying := 0
	defer func() {
		s.cancel()
		for ; flying > 0; flying-- {
			<-results
		}
		s.hangUp()
		close(s.done)
	}()
	for {
		s.pass(b)
		step := b.Next(time.Now())
		switch {
		case step.Over != "":
			s.finish(step.Over)
			return
		case step.Send != nil:
			flying++
			request := *step.Send
			go func() { results <- s.exchange(&request) }()
			continue
		}
		select {
		case r := <-results:
			flying--
			s.report(b, r)
		case <-s.wake:
		case <-after(step.Until):
		case <-s.ctx.Done():
			return
		}
	}
}

// after is a channel that fires at t, or never if t is zero.
func after(t time.Time) <-chan time.Time {
	if t.IsZero() {
		return nil
	}
	return time.After(time.Until(t))
}

// pass moves what users of the session asked for into the brain.
func (s *carrier) pass(b Brain) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, body := range s.queue {
		b.Submit(body)
	}
	s.queue = nil
	if s.leave {
		b.Leave()
	}
}

func (s *carrier) report(b Brain, r result) {
	now := time.Now()
	if r.err != nil {
		b.Lost(now, r.loss)
	} else {
		b.Answered(now, r.answer)
	}
	s.complain(b, r)
	s.opt.Deliver(b.Delivered())
}

// complain tells of trouble that lasts, and again when it is of another kind: who
// was told of a page does not know yet that the proxy wants a password.
func (s *carrier) complain(b Brain, r result) {
	if b.Troubles() == 0 {
		s.told = nil
	}
	if s.opt.Trouble == nil || b.Troubles() < patience || slices.Contains(s.told, r.answer.Status) {
		return
	}
	s.told = append(s.told, r.answer.Status)
	if r.err == nil {
		r.err = fmt.Errorf("status %d from something that is not the gateway", r.answer.Status)
	}
	s.opt.Trouble(r.err)
}

func (s *carrier) finish(end session.Cause) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end = end
}
