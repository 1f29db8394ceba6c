package fault

import (
	"sync"
	"time"
)

// Schedule is the faults of one run and how often each one's trigger has been
// met. It is safe for concurrent use and blocks nowhere. One run, one Schedule.
type Schedule struct {
	seed   uint64
	faults []*Fault // each is the same in all schedules that With and Without make of one
	texts  []string
	// withholds says of which faults it is that they keep a request from the box.
	withholds []bool

	mu     sync.Mutex
	counts []int // by fault: the last ordinal given out
	came   []int // by fault: the idle moments that were struck
}

// NewSchedule makes a schedule in which nothing has been counted yet. Seed
// decides the draws of "with p=X".
func NewSchedule(faults []Fault, seed uint64) *Schedule {
	s := &Schedule{seed: seed, counts: make([]int, len(faults)), came: make([]int, len(faults))}
	for _, f := range faults {
		s.faults = append(s.faults, &f)
		s.texts = append(s.texts, f.String())
		kind, _ := f.Effect.Kind()
		s.withholds = append(s.withholds, f.Landmark.At == AtForward && kind.Withholds)
	}
	return s
}

// Faults is the schedule's faults, in order.
func (s *Schedule) Faults() []Fault {
	var list []Fault
	for _, f := range s.faults {
		list = append(list, *f)
	}
	return list
}

// Counted is how many exchanges, connections or idle moments have met the
// trigger of fault i so far: the reason to give when it never struck.
func (s *Schedule) Counted(i int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[i]
}

// Hit is the decision that a fault strikes one exchange or connection. Whether
// it acts depends on whether the landmark is reached, and on Until.
type Hit struct {
	Index   int    // in the schedule
	Fault   *Fault // not to be changed
	Text    string // the fault's line
	Ordinal int    // which one of those that met the trigger
	seed    uint64
	keeps   bool
	of      *Schedule
}

// Withholds reports whether the fault keeps the request from the box altogether.
func (h Hit) Withholds() bool { return h.keeps }

// Draw is a number in [0, 1) for what an effect leaves to chance: the nth draw
// for this strike, the same in each run with the same seed.
func (h Hit) Draw(n int) float64 {
	return draw(h.seed+uint64(n)+1, h.Fault.Hop, h.Ordinal, h.Fault.Effect.String())
}

// Idle counts the idle moment that the fault waits for behind the exchange, now
// that it has come; false if it is not struck. An exchange that another follows
// too soon has none: a fault that is to strike once, or so many times, then waits
// for the next exchange that has.
func (h Hit) Idle() bool {
	if !h.Fault.awaitsIdle() {
		return true
	}
	h.of.mu.Lock()
	defer h.of.mu.Unlock()
	if h.of.came[h.Index] >= h.Fault.Often.moments() {
		return false
	}
	h.of.came[h.Index]++
	return true
}

// Over reports whether the fault's "until" has passed; since is the time since
// the run began.
func (h Hit) Over(since time.Duration) bool {
	until := h.Fault.Often.Until
	return until > 0 && since >= until
}

// count gives the trigger of fault i its next ordinal and decides.
func (s *Schedule) count(i int) (Hit, bool) {
	f := s.faults[i]
	s.mu.Lock()
	s.counts[i]++
	n, waits := s.counts[i], s.came[i] < f.Often.moments()
	s.mu.Unlock()
	struck := f.Often.strikes(n, f.Trigger.Ordinal, func() float64 {
		return draw(s.seed, f.Hop, n, f.Effect.String())
	})
	if f.awaitsIdle() {
		struck = n >= f.Trigger.Ordinal && waits
	}
	return Hit{Index: i, Fault: f, Text: s.texts[i], Ordinal: n, seed: s.seed, keeps: s.withholds[i], of: s}, struck
}

// spent reports whether fault i can strike no more.
func (s *Schedule) spent(i int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults[i].Often.spent(s.counts[i], s.faults[i].Trigger.Ordinal)
}
