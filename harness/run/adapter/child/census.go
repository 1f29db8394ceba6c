package child

import "sync"

// census looks among all processes for those that carry a mark, once for all who ask at a
// time: on a busy machine a look takes long, and many clients end together. Its zero value
// is ready.
type census struct {
	mu   sync.Mutex
	last *look // that was asked for
}

// look is one for several marks. It begins when the one before is done.
type look struct {
	marks []string
	begun bool
	done  chan struct{}
	found map[string][]int // by mark; to be read after done
}

// of lists the processes that carry the mark, as count finds them. What count is called
// for begins after the question.
func (c *census) of(mark string, count func(marks []string) map[string][]int) []int {
	l, before := c.ask(mark)
	if before != nil { // it is the first to ask: the count is its own
		<-before
		c.mu.Lock()
		l.begun = true
		c.mu.Unlock()
		l.found = count(l.marks)
		close(l.done)
	}
	<-l.done
	return l.found[mark]
}

// ask joins the look that has not begun, or makes one, which begins when before is closed.
func (c *census) ask(mark string) (l *look, before <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil || c.last.begun {
		free := make(chan struct{})
		if before = free; c.last == nil {
			close(free)
		} else {
			before = c.last.done
		}
		c.last = &look{done: make(chan struct{})}
	}
	c.last.marks = append(c.last.marks, mark)
	return c.last, before
}
