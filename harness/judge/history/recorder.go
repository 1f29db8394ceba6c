package history

import (
	"sync"
	"time"
)

// Recorder gathers the events of one run in the order in which they are
// reported. It is safe for concurrent use and owns no goroutine.
type Recorder struct {
	began  time.Time
	budget int
	over   func()
	tell   func(Event)

	mu     sync.Mutex
	events []Event
	closed bool
}

// NewRecorder starts the clock of a run. After budget events over is called,
// once, without a lock held; later events are still recorded up to twice the
// budget and then dropped, so that a storm cannot fill the memory. A budget of
// 0 has no end.
func NewRecorder(budget int, over func()) *Recorder {
	return &Recorder{began: time.Now(), budget: budget, over: over, events: make([]Event, 0, 256)}
}

// Tell lets f hear of each event as it is recorded, with its number, without a
// lock held and not always in order. It must be set before the first.
func (r *Recorder) Tell(f func(Event)) { r.tell = f }

// Began is the moment from which event times count.
func (r *Recorder) Began() time.Time { return r.began }

// Record appends e with its number and the time since the run began.
func (r *Recorder) Record(e Event) { r.RecordAt(time.Now(), e) }

// RecordAt is Record for an event whose time was taken where it happened.
func (r *Recorder) RecordAt(at time.Time, e Event) {
	r.mu.Lock()
	n := len(r.events)
	if r.closed || (r.budget > 0 && n >= 2*r.budget) {
		r.mu.Unlock()
		return
	}
	e.Seq, e.At = n+1, at.Sub(r.began)
	r.events = append(r.events, e)
	r.mu.Unlock()
	if r.tell != nil {
		r.tell(e)
	}
	if r.budget > 0 && n+1 == r.budget && r.over != nil {
		r.over()
	}
}

// Close ends the recording: what is reported later belongs to the taking down
// of the rig and not to the run.
func (r *Recorder) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
}

// Events returns what was recorded. The slice is shared; do not change it.
func (r *Recorder) Events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.events[:len(r.events):len(r.events)]
}

// Len is the number of events so far.
func (r *Recorder) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.events)
}
