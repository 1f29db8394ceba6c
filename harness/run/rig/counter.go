package rig

import (
	"context"
	"sync"
)

// counter counts and lets others wait for a count.
type counter struct {
	mu      sync.Mutex
	n       int
	changed chan struct{} // closed at each change
}

func newCounter() *counter { return &counter{changed: make(chan struct{})} }

func (c *counter) add() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *counter) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// wait returns when the count has reached n, or with the context's cause.
func (c *counter) wait(ctx context.Context, n int) error {
	for {
		c.mu.Lock()
		reached, changed := c.n >= n, c.changed
		c.mu.Unlock()
		if reached {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
