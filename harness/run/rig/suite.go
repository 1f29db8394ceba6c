package rig

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
)

// Outcome is a judged run with what it rests on.
type Outcome struct {
	Case    catalogue.Case
	Result  Result
	Events  []history.Event // of a run in this process
	Stored  []byte          // the history as a worker has written it; nil if the worker died with it
	Log     []byte          // what the client's process printed
	Control bool            // a run that others are compared with; not one of the catalogue's
}

// History is the history in the form in which it is stored.
func (o Outcome) History() ([]byte, error) {
	if o.Stored != nil {
		return o.Stored, nil
	}
	var out bytes.Buffer
	err := history.Write(&out, o.Meta(), o.Events)
	return out.Bytes(), err
}

// Recorded is what happened, wherever the history is.
func (o Outcome) Recorded() ([]history.Event, error) {
	if o.Events != nil || o.Stored == nil {
		return o.Events, nil
	}
	_, events, err := history.Read(bytes.NewReader(o.Stored))
	return events, err
}

// events are those of the history. One that cannot be read shows nothing.
func (o Outcome) events() []history.Event {
	events, _ := o.Recorded()
	return events
}

// Runner performs cases, in any order, and calls done for each from one
// goroutine at a time. It returns early, with an error, when the context ends.
type Runner func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error

// Suite runs cases with the controls that they are compared with, each control
// once.
type Suite struct {
	Run Runner
	// Reference runs the same cases with the reference client. A must that a
	// client breaks is confirmed by it: where nobody gets through, nobody is
	// accused. nil: what the cases ask is known to be possible.
	Reference Runner
	// Runs reports whether a case can be run at all; nil: each can. One that
	// cannot needs no controls, and is none.
	Runs func(catalogue.Case) bool
	// Together runs the controls along with the cases, for runs that mostly wait;
	// a case whose control is still out waits for it with its outcome.
	Together bool
	// Spare leaves out the cases whose user could not do in a simpler world
	// already what they ask.
	Spare bool
	Done  func(Outcome) // hears of each outcome as soon as it is final, one at a time
}

// Certify runs the controls that the cases need and the cases. A case that is
// its own control is run once, as the case that it is. Outcomes are done before
// it returns, also when it ends early.
func (s Suite) Certify(ctx context.Context, cases []catalogue.Case) error {
	p := &progress{Suite: s, ctx: ctx, controls: map[string]*Result{}, out: map[string]bool{}}
	defer p.settle()
	controls := s.controlsOf(cases)
	if s.Together {
		p.expect(controls)
		return s.Run(ctx, append(controls, cases...), p.done)
	}
	for len(controls) > 0 {
		worth := slices.DeleteFunc(slices.Clone(controls), func(c catalogue.Case) bool { return p.hopeless(c) })
		next, later := firstWorld(worth)
		p.expect(next)
		if err := s.Run(ctx, next, p.done); err != nil {
			return err
		}
		p.confirming.Wait()
		controls = later
	}
	return s.Run(ctx, slices.DeleteFunc(slices.Clone(cases), p.hopeless), p.done)
}

// controlsOf lists the distinct controls of the cases, simpler worlds first.
func (s Suite) controlsOf(cases []catalogue.Case) []catalogue.Case {
	var list []catalogue.Case
	seen := map[string]bool{}
	for _, w := range []World{Undisturbed, WithGateway, WithBox} {
		for _, c := range cases {
			if s.Runs != nil && !s.Runs(c) {
				continue
			}
			for _, k := range ControlsOf(c) {
				if k.World == w && !seen[k.Case.ID] && (s.Runs == nil || s.Runs(k.Case)) {
					seen[k.Case.ID] = true
					list = append(list, k.Case)
				}
			}
		}
	}
	return list
}

// firstWorld takes from the list the controls that need none of the others.
func firstWorld(controls []catalogue.Case) (next, later []catalogue.Case) {
	waiting := map[string]bool{}
	for _, c := range controls {
		waiting[c.ID] = true
	}
	for _, c := range controls {
		if slices.ContainsFunc(ControlsOf(c), func(k Control) bool { return waiting[k.Case.ID] }) {
			later = append(later, c)
		} else {
			next = append(next, c)
		}
	}
	return next, later
}

// progress is a suite under way: what has come out, and what waits for it.
type progress struct {
	Suite
	ctx        context.Context
	confirming sync.WaitGroup // runs of the reference client

	mu       sync.Mutex
	out      map[string]bool // controls that are not final yet
	controls map[string]*Result
	waiting  []Outcome
}

// done takes an outcome that was just judged by itself.
func (p *progress) done(o Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o.Control = o.Control || p.out[o.Case.ID]
	p.waiting = append(p.waiting, o)
	p.release()
}

// release compares what waits for no control any more. The lock is held.
func (p *progress) release() {
	for i := 0; i < len(p.waiting); i++ {
		o := p.waiting[i]
		if p.early(o.Case) {
			continue
		}
		p.waiting = slices.Delete(p.waiting, i, i+1)
		o.Result.Compare(o.Case, p.simpler(o.Case))
		if p.Reference != nil && o.Result.Accuses() {
			p.confirming.Go(func() { p.confirm(o) })
		} else {
			p.final(o)
		}
		i = -1 // a control that is final may release what stands before it
	}
}

// early reports whether a control of the case is not final.
func (p *progress) early(c catalogue.Case) bool {
	return slices.ContainsFunc(ControlsOf(c), func(k Control) bool { return p.out[k.Case.ID] })
}

// confirm asks the reference client whether anybody could have done it.
func (p *progress) confirm(o Outcome) {
	_ = p.Reference(p.ctx, []catalogue.Case{o.Case}, func(reference Outcome) { // cut short, it confirms nothing
		o.Result.Confirm(o.Case, reference)
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.final(o)
	p.release()
}

// final hands an outcome over. The lock is held.
func (p *progress) final(o Outcome) {
	if p.out[o.Case.ID] {
		p.controls[o.Case.ID] = &o.Result
		delete(p.out, o.Case.ID)
	}
	p.Done(o)
}

// simpler are the results of the case's controls, those that there are.
func (p *progress) simpler(c catalogue.Case) []Baseline {
	return Baselines(c, func(id string) *Result { return p.controls[id] })
}

// expect makes cases that depend on these controls wait for them.
func (p *progress) expect(controls []catalogue.Case) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range controls {
		p.out[c.ID] = true
	}
}

// hopeless reports whether a case is to be spared: a simpler world was too much
// for the client already.
func (p *progress) hopeless(c catalogue.Case) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.Spare && slices.ContainsFunc(p.simpler(c), func(b Baseline) bool {
		done := b.Result.verdict(generic[0])
		return done == nil || done.Status != oracle.Pass
	})
}

// settle hands over what still waits when a run ends early.
func (p *progress) settle() {
	p.confirming.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.out)
	p.release()
	p.mu.Unlock()
	p.confirming.Wait()
	p.mu.Lock()
}
