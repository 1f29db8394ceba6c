package history

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Recorder gathers the events of one run in the order in which they are
// reported. It is safe for concurrent use and owns no goroutine.
type Recorder struct {
	began  time.Time
	budget Budget
	over   func()
	tell   func(Event)
	slot   time.Duration

	mu     sync.Mutex
	n      int       // events so far
	joined []Event   // the first of them, as Events has returned them
	chunks [][]Event // the others: an event is big, and a slice that grows would move each several times
	spent  bool      // over was called
	closed bool
}

// Budget is how many events there may be in a run: at any time Events, and
// PerSecond for each second so far. So a storm is noticed when it comes, however
// long the run. The zero value has no end.
type Budget struct{ Events, PerSecond int }

// At is the budget at a time of the run.
func (b Budget) At(since time.Duration) int {
	return b.Events + int(since.Seconds()*float64(b.PerSecond))
}

// NewRecorder starts the clock of a run. When there are more events than in the
// budget, over is called, once, without a lock held; as many again are still
// recorded and then dropped, so that a storm cannot fill the memory.
func NewRecorder(budget Budget, over func()) *Recorder {
	return &Recorder{began: time.Now(), budget: budget, over: over}
}

// Tell lets f hear of each event as it is recorded, with its number, without a
// lock held and not always in order. It must be set before the first.
func (r *Recorder) Tell(f func(Event)) { r.tell = f }

// Slots makes the recording the same for the same run: of d, a piece of time, the
// places within tell in what order things happened, and are no part of the event
// times, which Close rounds down. It must be set before the first event.
func (r *Recorder) Slots(d time.Duration) { r.slot = d }

// Began is the moment from which event times count.
func (r *Recorder) Began() time.Time { return r.began }

// Record appends e with its number and the time since the run began.
func (r *Recorder) Record(e Event) { r.RecordAt(time.Now(), e) }

// RecordAt is Record for an event whose time was taken where it happened.
func (r *Recorder) RecordAt(at time.Time, e Event) {
	r.mu.Lock()
	n, limit := r.n, r.budget.At(at.Sub(r.began))
	if r.closed || (r.budget.Events > 0 && n >= limit+r.budget.Events) {
		r.mu.Unlock()
		return
	}
	e.Seq, e.At = n+1, at.Sub(r.began)
	r.add(e)
	over := r.budget.Events > 0 && n+1 > limit && !r.spent
	r.spent = r.spent || over
	r.mu.Unlock()
	if r.tell != nil {
		r.tell(e)
	}
	if over && r.over != nil {
		r.over()
	}
}

// The first chunk holds all of a short run, and need not be put together with
// others; the next are just below 32 KiB, up to which Go allocates quickly.
const firstChunk, chunkLength = 768, 104

// add appends an event. The lock is held.
func (r *Recorder) add(e Event) {
	last := len(r.chunks) - 1
	if last < 0 || len(r.chunks[last]) == cap(r.chunks[last]) {
		length := chunkLength
		if r.n == 0 {
			length = firstChunk
		}
		r.chunks = append(r.chunks, make([]Event, 0, length))
		last++
	}
	r.chunks[last] = append(r.chunks[last], e)
	r.n++
}

// Close ends the recording: what is reported later belongs to the taking down
// of the rig and not to the run.
func (r *Recorder) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed && r.slot > 0 {
		r.align()
	}
	r.closed = true
}

// align gives the events of one instant an order that does not depend on which
// goroutine was faster, and rounds their times. Connections are independent of
// each other within an instant, as nothing gets from one to the next in no time;
// all else stays where it is.
func (r *Recorder) align() {
	events := r.join()
	for from := 0; from < len(events); {
		to := from + 1
		for to < len(events) && events[to].At == events[from].At && events[to].From == AtHop && events[from].From == AtHop {
			to++
		}
		slices.SortStableFunc(events[from:to], func(a, b Event) int { return cmp.Or(cmp.Compare(a.Hop, b.Hop), cmp.Compare(a.Conn, b.Conn)) })
		from = to
	}
	for i := range events {
		e := &events[i]
		e.Seq, e.At = i+1, e.At-e.At%r.slot
	}
}

// Events returns what was recorded. The slice is shared; do not change it.
func (r *Recorder) Events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.join()
}

// join puts the chunks together. The lock is held.
func (r *Recorder) join() []Event {
	if r.joined == nil && len(r.chunks) == 1 {
		r.joined = r.chunks[0]
	} else if len(r.chunks) > 0 {
		r.joined = slices.Grow(r.joined, r.n-len(r.joined))
		for i, chunk := range r.chunks {
			r.joined = append(r.joined, chunk...)
			r.chunks[i] = nil // of a long run both together are much
		}
	}
	r.chunks = nil
	return r.joined[:r.n:r.n]
}

// Len is the number of events so far.
func (r *Recorder) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n
}
