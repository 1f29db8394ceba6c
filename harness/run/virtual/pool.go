package virtual

import (
	"context"
	"encoding/json"
	"runtime"
	"sync"
	"time"
)

// Pool performs jobs in worker processes.
type Pool struct {
	Args    []string      // of this binary, that make it Serve
	Workers int           // 0: GOMAXPROCS, one a core if it is not set
	Silence time.Duration // real time without a word after which a worker is ended; 0: 30 s
}

// Job is what a worker is told.
type Job struct {
	Text json.RawMessage
	Work time.Duration // how much longer than others it may work without a word
}

// Reply is what a worker answers.
type Reply struct {
	Text json.RawMessage
	Blob []byte // goes with it as it is
}

// Answer is what became of a job.
type Answer struct {
	Reply Reply
	Leak  string        // what the job left behind in its bubble
	Died  string        // how the worker died over it: its stderr, with the stacks, or how it ended
	Hung  time.Duration // it was ended because it said nothing for so long; Died tells where it was
	Took  time.Duration // real time
}

// Run performs the jobs, in any order, and calls done for each from one
// goroutine at a time. It returns when all are done or the context ends; jobs
// that were not begun by then are not reported.
func (p Pool) Run(ctx context.Context, jobs []Job, done func(i int, a Answer)) error {
	queue := make(chan int, len(jobs))
	for i := range jobs {
		queue <- i
	}
	close(queue)
	var mu sync.Mutex
	var wg sync.WaitGroup
	errs := make(chan error, p.workers())
	for range min(p.workers(), len(jobs)) {
		wg.Go(func() {
			errs <- p.work(ctx, jobs, queue, func(i int, a Answer) {
				mu.Lock()
				defer mu.Unlock()
				done(i, a)
			})
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (p Pool) workers() int {
	if p.Workers > 0 {
		return p.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// work keeps one worker busy; when it dies over a job the next job gets a
// fresh one.
func (p Pool) work(ctx context.Context, jobs []Job, queue <-chan int, done func(int, Answer)) error {
	var w *worker
	defer func() { w.stop() }()
	for i := range queue {
		if ctx.Err() != nil {
			return nil
		}
		if w == nil {
			var err error
			if w, err = p.start(ctx); err != nil {
				return err
			}
		}
		began := time.Now()
		answer, alive := w.perform(ctx, jobs[i])
		answer.Took = time.Since(began)
		if ctx.Err() != nil && !alive {
			return nil
		}
		done(i, answer)
		if !alive {
			w.stop()
			w = nil
		}
	}
	return nil
}
