package simnet

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
