package rig

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gauntlet/harness/run/workload"
)

// complaint is when the client first showed its user an error in a step.
type complaint struct {
	mu sync.Mutex
	at time.Time // zero: not yet
}

func (c *complaint) made() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		c.at = time.Now()
	}
}

func (c *complaint) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = time.Time{}
}

func (c *complaint) madeBefore(t time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.at.IsZero() && c.at.Before(t)
}

var errEnough = errors.New("the user has waited long enough")

// vain has the client sign in where nothing can come of it. It has to say so,
// by giving up or while it goes on trying.
func (s *stage) vain(ctx context.Context, step workload.Step) error {
	s.complaint.forget()
	over := time.Now().Add(step.For)
	ctx, cancel := context.WithTimeoutCause(ctx, step.For, errEnough)
	defer cancel()
	err := s.ask(ctx, workload.Step{Verb: workload.SignIn})
	switch {
	case err == nil:
		return errors.New("the client says that it has signed in, and it cannot have")
	case s.stuck != nil:
		return err
	case ctx.Err() == nil, s.complaint.madeBefore(over):
		return nil
	}
	return fmt.Errorf("in %s the client has not told its user that it does not get on", step.For)
}
