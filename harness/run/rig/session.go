package rig

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/catalogue"
)

// usualConfirmations is how many runs of the reference client there are at a time:
// those of a client that fails everywhere would slow down all others.
const usualConfirmations = 4

// Session is what suites share that certify the same client, one after the other
// or at the same time: a control is run once, by the first that needs it, and the
// others wait for it. It is safe for concurrent use.
type Session struct {
	slots chan struct{} // one is taken by each run of the reference client

	mu       sync.Mutex
	moved    *sync.Cond         // an outcome became final, or was put off
	out      map[string]bool    // controls that are not final yet
	controls map[string]*Result // those that are
	waiting  []pending
}

// pending is an outcome that waits for its controls, and to whom it belongs.
type pending struct {
	Outcome
	of       *progress
	controls []Control
}

// NewSession is a session in which nothing was run. The reference client runs so often
// at a time as confirmations says; 0: as it does where a run takes a processor.
func NewSession(confirmations int) *Session {
	s := &Session{slots: make(chan struct{}, cmp.Or(confirmations, usualConfirmations)), out: map[string]bool{}, controls: map[string]*Result{}}
	s.moved = sync.NewCond(&s.mu)
	return s
}

// Certify is that of the suite, but for the controls that the session knows.
func (s *Session) Certify(ctx context.Context, suite Suite, cases []catalogue.Case) (err error) {
	p := &progress{Suite: suite, Session: s, ctx: ctx}
	defer func() {
		if p.settle(); err == nil && p.cutShort {
			err = ctx.Err()
		}
	}()
	controls := p.missing(suite.controlsOf(cases))
	if suite.ConcurrentControls {
		all := append(controls, cases...)
		forget := p.foresee(all)
		err := suite.Run(ctx, longestFirst(all), p.done)
		p.confirmed()
		forget()
		if err != nil {
			return err
		}
		return p.runAgain()
	}
	for len(controls) > 0 {
		next, later := firstWorld(controls)
		if err := suite.Run(ctx, p.worth(next), p.done); err != nil {
			return err
		}
		p.confirmed()
		controls = later
	}
	return suite.Run(ctx, longestFirst(p.worth(cases)), p.done) // whoever is accused late is confirmed late
}

// wait puts an outcome behind those that wait for their controls. The lock is held.
func (s *Session) wait(o Outcome, of *progress) {
	s.waiting = append(s.waiting, pending{o, of, ControlsOf(o.Case)})
}

// release compares what waits for no control any more. The lock is held.
func (s *Session) release() {
	for i := 0; i < len(s.waiting); {
		w := s.waiting[i]
		if s.early(w.controls) {
			i++
			continue
		}
		out := len(s.out)
		s.waiting = slices.Delete(s.waiting, i, i+1)
		w.Result.Compare(w.Case, s.simpler(w.controls))
		if w.of.Reference != nil && w.Result.Accuses() {
			w.of.confirming++
			go w.of.confirm(w.Outcome)
		} else {
			w.of.final(w.Outcome)
		}
		if len(s.out) < out {
			i = 0 // a control that is final may release what stands before it
		}
	}
}

// early reports whether one of the controls is not final. The lock is held.
func (s *Session) early(controls []Control) bool {
	return slices.ContainsFunc(controls, func(k Control) bool { return s.out[k.Case.ID] })
}

// simpler are the results of the controls, those that there are. The lock is held.
func (s *Session) simpler(controls []Control) []Baseline {
	return baselines(controls, func(id string) *Result { return s.controls[id] })
}

// progress is a suite under way in a session.
type progress struct {
	Suite
	*Session
	ctx context.Context

	// All of this is under the session's lock.
	expected   []string                // the controls that it runs
	open       int                     // outcomes that are not final, nor put off
	confirming int                     // runs of the reference client
	cutShort   bool                    // one of them was, by the end of the run
	foreseen   map[string]chan Outcome // what the reference client was asked along with the cases, by their ids
	doubtful   []Outcome               // to be run once more, alone
	unsure     []Outcome               // to be confirmed once more, alone
}

// missing are those of the controls that nobody has run. Who depends on them
// waits from now on.
func (p *progress) missing(controls []catalogue.Case) []catalogue.Case {
	p.mu.Lock()
	defer p.mu.Unlock()
	controls = slices.DeleteFunc(controls, func(c catalogue.Case) bool { return p.out[c.ID] || p.controls[c.ID] != nil })
	for _, c := range controls {
		p.out[c.ID] = true
		p.expected = append(p.expected, c.ID)
	}
	return controls
}

// done takes an outcome that was just judged by itself.
func (p *progress) done(o Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o.Control = o.Control || slices.Contains(p.expected, o.Case.ID)
	if p.ConcurrentControls && o.Result.Again == "" && o.Result.doubt(p.Strict) != "" {
		p.doubtful = append(p.doubtful, o)
		return
	}
	p.open++
	p.wait(o, p)
	p.release()
}

// confirm asks the reference client whether anybody could have done it.
func (p *progress) confirm(o Outcome) {
	p.slots <- struct{}{}
	defer func() { <-p.slots }()
	reference := p.said(o.Case)
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.moved.Broadcast()
	p.confirming--
	if p.ctx.Err() != nil && !reference.Result.judged() {
		p.cutShort = true
		p.open-- // what nobody has confirmed accuses nobody; it is run when the run goes on
		return
	}
	if p.ConcurrentControls && (reference.Result.doubt(p.Strict) != "" || reference.Result.Status == oracle.Broken) {
		p.open--
		p.unsure = append(p.unsure, o)
		return
	}
	o.Result.Confirm(o.Case, reference)
	p.final(o)
	p.release()
}

// foresee asks the reference client along with the cases what may be asked of it after
// them. They are few, and so it is in nobody's way. forget ends what was asked in vain.
func (p *progress) foresee(cases []catalogue.Case) (forget func()) {
	if !p.Ahead || p.Reference == nil || len(cases) > cap(p.slots) {
		return func() {}
	}
	p.foreseen = map[string]chan Outcome{}
	ctx, cancel := context.WithCancel(p.ctx)
	var asked sync.WaitGroup
	for _, c := range cases {
		if p.Runs == nil || p.Runs(c) {
			said := make(chan Outcome, 1)
			p.foreseen[c.ID] = said
			asked.Go(func() { said <- p.ask(ctx, c) })
		}
	}
	return func() {
		cancel()
		asked.Wait()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.foreseen = nil
	}
}

// said is what the reference client comes to in a case. What was asked ahead counts
// once.
func (p *progress) said(c catalogue.Case) Outcome {
	p.mu.Lock()
	ahead := p.foreseen[c.ID]
	delete(p.foreseen, c.ID)
	p.mu.Unlock()
	if ahead != nil {
		return <-ahead
	}
	return p.ask(p.ctx, c)
}

// ask runs a case with the reference client. Cut short, it confirms nothing.
func (p *progress) ask(ctx context.Context, c catalogue.Case) (said Outcome) {
	said.Result.Status = oracle.Broken
	_ = p.Reference(ctx, []catalogue.Case{c}, func(o Outcome) { said = o })
	return said
}

// longestFirst has nobody wait for a long case that began last.
func longestFirst(cases []catalogue.Case) []catalogue.Case {
	slices.SortStableFunc(cases, func(a, b catalogue.Case) int { return cmp.Compare(Expected(b), Expected(a)) })
	return cases
}

// Expected estimates how long a case takes in real time. Where an earlier answer is given in
// place of another, the client waits for the lost one until the gateway ends the session.
func Expected(c catalogue.Case) time.Duration {
	length := c.Workload.Length()
	for _, f := range c.Faults {
		if kind, _ := f.Effect.Kind(); kind.Remembers {
			return length + requirement.LongestWait
		}
	}
	return length
}

// runAgain runs what was no evidence the first time: the second outcome counts,
// whatever it is.
func (p *progress) runAgain() error {
	for {
		p.confirmed() // else it would not be alone
		doubtful, unsure := p.putOff()
		switch {
		case len(doubtful) > 0:
			if err := p.again(doubtful); err != nil {
				return err
			}
		case len(unsure) > 0:
			first := unsure[0]
			said := p.ask(p.ctx, first.Case)
			if p.ctx.Err() != nil && !said.Result.judged() {
				return p.ctx.Err() // as in confirm
			}
			first.Result.Confirm(first.Case, said)
			p.takeOff(&p.unsure, first.Case.ID)
			p.decide(first)
		default:
			return nil
		}
	}
}

// again runs outcomes' cases once more: all, if there is a runner for that.
func (p *progress) again(doubtful []Outcome) error {
	run := p.Again
	if run == nil {
		run, doubtful = p.Run, doubtful[:1]
	}
	cases, why := make([]catalogue.Case, len(doubtful)), map[string]string{}
	for i, o := range doubtful {
		cases[i], why[o.Case.ID] = o.Case, o.Result.doubt(p.Strict)
	}
	return run(p.ctx, longestFirst(cases), func(o Outcome) {
		o.Result.Again = why[o.Case.ID]
		p.takeOff(&p.doubtful, o.Case.ID)
		p.done(o)
	})
}

// putOff are the outcomes that are to be run, and those that are to be confirmed, once
// more.
func (p *progress) putOff() (doubtful, unsure []Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.doubtful), slices.Clone(p.unsure)
}

// takeOff takes the outcome of a case from a list.
func (p *progress) takeOff(list *[]Outcome, id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*list = slices.DeleteFunc(*list, func(o Outcome) bool { return o.Case.ID == id })
}

// decide makes an outcome final that was put off.
func (p *progress) decide(o Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open++
	p.final(o)
	p.release()
}

// confirmed returns when no run of the reference client is left.
func (p *progress) confirmed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.confirming > 0 {
		p.moved.Wait()
	}
}

// final hands an outcome over. The lock is held.
func (p *progress) final(o Outcome) {
	if slices.Contains(p.expected, o.Case.ID) {
		result := o.Result // alone: a pointer into the outcome would keep its history
		p.controls[o.Case.ID] = &result
		delete(p.out, o.Case.ID)
	}
	p.open--
	p.Done(o)
	p.moved.Broadcast()
}

// worth are the cases that are not spared because a simpler world was too much
// for the client already. Nobody waits for a control that is.
func (p *progress) worth(cases []catalogue.Case) []catalogue.Case {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(cases), func(c catalogue.Case) bool {
		spared := p.Spare && slices.ContainsFunc(p.simpler(ControlsOf(c)), func(b Baseline) bool {
			done := b.Result.verdict(generic[0])
			return done == nil || done.Status != oracle.Pass
		})
		if spared {
			delete(p.out, c.ID)
		}
		return spared
	})
}

// settle hands over what still waits. Of a run that ended early nobody waits for
// controls any more, and there was no time to run anything again.
func (p *progress) settle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range p.expected {
		delete(p.out, id)
	}
	for _, o := range slices.Concat(p.doubtful, p.unsure) {
		p.open++
		p.wait(o, p)
	}
	p.ConcurrentControls, p.doubtful, p.unsure = false, nil, nil
	p.release()
	for p.open > 0 {
		p.moved.Wait()
	}
}
