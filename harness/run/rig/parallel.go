package rig

import (
	"context"
	"sync"
	"time"

	"gauntlet/harness/run/catalogue"
)

// InProcess is a Runner that performs up to limit cases at a time on real
// sockets, in this process.
func InProcess(o Options, limit int) Runner {
	return func(ctx context.Context, cases []catalogue.Case, done func(Outcome)) error {
		slots := make(chan struct{}, limit)
		var wg sync.WaitGroup
		var mu sync.Mutex
		for _, c := range cases {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
			}
			if ctx.Err() != nil {
				break
			}
			wg.Go(func() {
				defer func() { <-slots }()
				outcome := One(ctx, c, o)
				if ctx.Err() != nil {
					return // cut short: it proves nothing
				}
				mu.Lock()
				defer mu.Unlock()
				done(outcome)
			})
		}
		wg.Wait()
		return ctx.Err()
	}
}

// One performs and judges a case. The wall time is that of the caller's clock:
// a caller in a bubble sets it afterwards.
func One(ctx context.Context, c catalogue.Case, o Options) Outcome {
	began := time.Now()
	run := Perform(ctx, c, o)
	return Outcome{Case: c, Events: run.Events, Log: run.Log, Result: Judge(run, time.Since(began))}
}
