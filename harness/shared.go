package harness

import (
	"sync"

	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// atOnce is how many cases run at a time on real sockets: they mostly wait.
const atOnce = 32

// shared keeps the outcomes of a plan's runs, so that a control which many
// cases lean on is run once, for whoever is the first to need it.
type shared struct {
	slots chan struct{}

	mu   sync.Mutex
	runs map[string]*once
}

// once is one run, perhaps still to be made.
type once struct {
	sync.Once
	outcome rig.Outcome
}

func newShared() *shared {
	return &shared{slots: make(chan struct{}, atOnce), runs: map[string]*once{}}
}

// outcome is that of the case, which is performed now unless it was before.
func (s *shared) outcome(c catalogue.Case, perform func() rig.Outcome) rig.Outcome {
	s.mu.Lock()
	run := s.runs[c.ID]
	if run == nil {
		run = &once{}
		s.runs[c.ID] = run
	}
	s.mu.Unlock()
	run.Do(func() {
		s.slots <- struct{}{}
		defer func() { <-s.slots }()
		run.outcome = perform()
	})
	return run.outcome
}
