package simnet

import (
	"time"
)

// window is how many bytes one direction of a connection holds, on their way
// and unread together, before its writer has to wait.
const window = 256 << 10

// flow is one direction of a connection: what was written and not yet read,
// and when each part of it arrives. It only remembers; its connection's mutex
// guards it.
type flow struct {
	data  fifo[byte]
	parts fifo[part] // cover data exactly, in order
	fin   time.Time  // when the end of the data arrives; zero: no end yet
}

// part is a run of bytes that arrive together.
type part struct {
	size int
	due  time.Time
}

// push takes in as much of b as the window has room for and returns how much.
func (f *flow) push(b []byte, due time.Time) int {
	n := min(len(b), window-f.data.len())
	if n == 0 {
		return 0
	}
	f.data.push(b[:n]...)
	if last := f.parts.len() - 1; last >= 0 && f.parts.live()[last].due.Equal(due) {
		f.parts.live()[last].size += n
		return n
	}
	f.parts.push(part{size: n, due: due})
	return n
}

// take moves what has arrived into b and returns how much.
func (f *flow) take(b []byte, now time.Time) int {
	total := 0
	for total < len(b) && f.readable(now) {
		p := &f.parts.live()[0]
		n := copy(b[total:], f.data.live()[:p.size])
		f.data.drop(n)
		if p.size -= n; p.size == 0 {
			f.parts.drop(1)
		}
		total += n
	}
	return total
}

// readable reports whether data has arrived.
func (f *flow) readable(now time.Time) bool {
	return f.parts.len() > 0 && reached(f.parts.live()[0].due, now)
}

// finished reports whether the end has arrived and all before it was read.
func (f *flow) finished(now time.Time) bool {
	return f.parts.len() == 0 && reached(f.fin, now)
}

// next is when the oldest data arrives, or else the end; zero: nothing comes.
func (f *flow) next() time.Time {
	if f.parts.len() > 0 {
		return f.parts.live()[0].due
	}
	return f.fin
}

// lose drops what has not arrived, the end included.
func (f *flow) lose(now time.Time) {
	size, kept := 0, 0
	for _, p := range f.parts.live() {
		if !reached(p.due, now) {
			break
		}
		size, kept = size+p.size, kept+1
	}
	f.data.keep(size)
	f.parts.keep(kept)
	if !reached(f.fin, now) {
		f.fin = time.Time{}
	}
}

// clear drops all data; the end stays.
func (f *flow) clear() {
	f.data.keep(0)
	f.parts.keep(0)
}

// fifo is a queue in a slice. It reuses its room: what was dropped at the
// front is overwritten once it is the larger half, so that each item is moved
// at most once on the average.
type fifo[T any] struct {
	items []T
	head  int // items before it were dropped
}

// live returns the queued items, oldest first; they stay the queue's own.
func (q *fifo[T]) live() []T { return q.items[q.head:] }

func (q *fifo[T]) len() int { return len(q.items) - q.head }

func (q *fifo[T]) push(items ...T) {
	if q.head > len(q.items)/2 {
		n := copy(q.items, q.live())
		q.items, q.head = q.items[:n], 0
	}
	q.items = append(q.items, items...)
}

// drop removes the n oldest items.
func (q *fifo[T]) drop(n int) {
	q.head += n
	if q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
	}
}

// keep removes all but the n oldest items.
func (q *fifo[T]) keep(n int) {
	q.items = q.items[:q.head+n]
	q.drop(0)
}
