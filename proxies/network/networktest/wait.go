package networktest

import (
	"errors"
	"fmt"
	"time"
)

const (
	// moment is long enough for another goroutine to have blocked.
	moment = 20 * time.Millisecond
	// patience is how long something that must happen may take.
	patience = 5 * time.Second
)

// longAgo is a deadline that has passed on every clock, virtual ones too.
func longAgo() time.Time { return time.Unix(1, 0) }

// within runs steps that must be over within patience.
func within(steps ...func() error) error { return limited(patience, steps...) }

// limited runs all steps side by side and returns their errors; steps that
// take longer than most are left behind, to end with their connection.
func limited(most time.Duration, steps ...func() error) error {
	results := make(chan error, len(steps))
	for _, step := range steps {
		go func() { results <- step() }()
	}
	limit := time.NewTimer(most)
	defer limit.Stop()
	var all error
	for range steps {
		select {
		case err := <-results:
			all = errors.Join(all, err)
		case <-limit.C:
			return errors.Join(all, fmt.Errorf("still blocked after %v", most))
		}
	}
	return all
}

// later runs f in a moment, while another goroutine is blocked.
func later(f func() error) func() error {
	return func() error {
		<-time.After(moment)
		return f()
	}
}

// wants compares an error with the one that must be found in it.
func wants(what string, got error, oneOf ...error) error {
	for _, want := range oneOf {
		if errors.Is(got, want) {
			return nil
		}
	}
	return fmt.Errorf("%s: got error %w, want %v", what, got, oneOf)
}
