package messenger

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// WaitJoined waits until email is in a chat with the contact: in the newest to
// which the contact has called it, if it has. The error is the context's, or tells
// that the messenger closed.
func (c *Contact) WaitJoined(ctx context.Context, email string) error {
	err := c.wait(ctx, func() bool {
		for _, s := range slices.Backward(c.seats) {
			if s.awaits(key(email)) {
				return s.shares(key(email))
			}
		}
		return false
	})
	if err != nil {
		return fmt.Errorf("wait for %s to join %s: %w", email, c.account.email, err)
	}
	return nil
}

// WaitReceived waits until n messages have arrived, all told.
func (c *Contact) WaitReceived(ctx context.Context, n int) error {
	got := 0
	err := c.wait(ctx, func() bool { got = len(c.received); return got >= n })
	if err != nil {
		return fmt.Errorf("wait for %s to receive %d messages, has %d: %w", c.account.email, n, got, err)
	}
	return nil
}

// wait blocks until holds, which is called with the mutex held.
func (c *Contact) wait(ctx context.Context, holds func() bool) error {
	for {
		c.m.mu.Lock()
		done, changed := holds(), c.changed
		c.m.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-c.m.done:
			return errors.New("the messenger is closed")
		}
	}
}
