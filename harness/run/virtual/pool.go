package virtual

import (
	"cmp"
	"context"
	"encoding/json"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"time"
)

// Pool performs jobs in worker processes.
type Pool struct {
	Args    []string      // of this binary, that make it Serve
	Workers int           // 0: GOMAXPROCS, one a core if it is not set
	Silence time.Duration // real time without a word after which a worker is ended; 0: 30 s
	Again   int           // how often a job whose worker somebody else ended is given to another
	Jobs    int           // after this many a worker is replaced; 0: 10,000
}

// usualJobs is after how many jobs a worker is replaced. Go's runtime leaks 33 bytes for each
// sync.WaitGroup that reaches zero in a bubble, 300 in a session's; they are freed only when the
// process ends. A new worker costs as much as a few dozen jobs.
const usualJobs = 10_000

// Job is what a worker is told.
type Job struct {
	Text json.RawMessage
	Work time.Duration // how much longer than others it may work without a word
	// Ready is called before the job is begun, with the process that will do it; its
	// error ends the run. nil: nobody waits for that.
	Ready func(ctx context.Context, pid int) error
}

// Reply is what a worker answers.
type Reply struct {
	Text json.RawMessage
	Blob []byte // goes with it as it is
}

// Answer is what became of a job.
type Answer struct {
	Reply Reply         `json:"-"`
	Leak  string        // what the job left behind in its bubble
	Died  string        // how the worker died over it: its stderr, with the stacks, or how it ended
	Ended bool          // somebody else ended it, and it need not have done anything to deserve that
	Hung  time.Duration // it was ended because it said nothing for so long; Died tells where it was
	Took  time.Duration // real time
}

// Run performs the jobs, in any order, and calls done for each, one after the other. It
// returns when all are done or the context ends; jobs that were not begun by then are not
// reported. A done that ends the context may be called once more for each worker.
func (p Pool) Run(ctx context.Context, jobs []Job, done func(i int, a Answer)) error {
	crew := p.Keep(ctx)
	defer crew.Close()
	return crew.Run(ctx, jobs, done)
}

// Crew is a Pool whose workers stay from one run to the next: to start one takes
// as long as many a job. It is safe for concurrent use.
type Crew struct {
	Pool
	ctx  context.Context // of the workers' lives
	mu   sync.Mutex
	idle []*worker
}

// Keep is the crew of the pool. Its workers end with the context, or by Close.
func (p Pool) Keep(ctx context.Context) *Crew { return &Crew{Pool: p, ctx: ctx} }

// Close ends the workers. No run may be under way.
func (c *Crew) Close() {
	for w := c.take(); w != nil; w = c.take() {
		w.stop()
	}
}

// take is a worker that waits; nil if none does.
func (c *Crew) take() *worker {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.idle) == 0 {
		return nil
	}
	w := c.idle[len(c.idle)-1]
	c.idle = c.idle[:len(c.idle)-1]
	return w
}

// leave has a worker that is well wait for the next run.
func (c *Crew) leave(w *worker) {
	if w == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, w)
}

// Crews are those of pools that differ, such as in how long they wait for a word. They are
// safe for concurrent use.
type Crews struct {
	ctx  context.Context // of the workers' lives
	mu   sync.Mutex
	kept []*Crew
}

// KeepCrews has no crew yet. Their workers end with the context, or by Close.
func KeepCrews(ctx context.Context) *Crews { return &Crews{ctx: ctx} }

// Of is the crew of a pool: the same for each that is alike.
func (c *Crews) Of(p Pool) *Crew {
	c.mu.Lock()
	defer c.mu.Unlock()
	alike := func(kept *Crew) bool { return reflect.DeepEqual(kept.Pool, p) }
	if i := slices.IndexFunc(c.kept, alike); i >= 0 {
		return c.kept[i]
	}
	c.kept = append(c.kept, p.Keep(c.ctx))
	return c.kept[len(c.kept)-1]
}

// Close ends all workers. No run may be under way.
func (c *Crews) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, crew := range c.kept {
		crew.Close()
	}
}

// told is what a worker has answered to a job.
type told struct {
	i      int
	answer Answer
	taken  chan struct{} // is closed when the answer has been taken over
}

// Run is that of the pool, with the workers that are there already. While an answer is taken
// over, the worker that gave it is at its next job.
func (c *Crew) Run(ctx context.Context, jobs []Job, done func(i int, a Answer)) error {
	queue := make(chan int, len(jobs))
	for i := range jobs {
		queue <- i
	}
	close(queue)
	var wg sync.WaitGroup
	answers, errs := make(chan told), make(chan error, c.workers())
	working, end := context.WithCancel(ctx)
	for range min(c.workers(), len(jobs)) {
		wg.Go(func() { errs <- c.work(working, jobs, queue, answers) })
	}
	defer func() { // also where done panics nobody waits for ever
		end()
		for t := range answers {
			close(t.taken)
		}
	}()
	go func() {
		wg.Wait()
		close(answers)
		close(errs)
	}()
	for t := range answers {
		done(t.i, t.answer)
		close(t.taken)
	}
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
// fresh one. Before somebody is waited for, what this one answered is taken over.
func (c *Crew) work(ctx context.Context, jobs []Job, queue <-chan int, answers chan<- told) error {
	w := c.take()
	defer func() { c.leave(w) }()
	last := told{taken: make(chan struct{})}
	close(last.taken)
	for i := range queue {
		if ctx.Err() != nil {
			return nil
		}
		if jobs[i].Ready != nil {
			<-last.taken
		}
		var answer Answer
		for tries := 0; tries == 0 || answer.Ended && tries <= c.Again; tries++ {
			var err error
			if answer, w, err = c.perform(ctx, w, jobs[i]); err != nil {
				return err
			}
			if ctx.Err() != nil && w == nil { // it was cut
				return nil
			}
		}
		last = told{i, answer, make(chan struct{})}
		answers <- last
	}
	return nil
}

// perform has w do one job, or a new worker if w is nil or has done its number of jobs. It
// returns the worker that is left, nil if it died.
func (c *Crew) perform(ctx context.Context, w *worker, job Job) (answer Answer, left *worker, err error) {
	if w != nil && w.did >= cmp.Or(c.Jobs, usualJobs) {
		w.stop()
		w = nil
	}
	if w == nil {
		if w, err = c.start(c.ctx); err != nil {
			return answer, nil, err
		}
	}
	if job.Ready != nil {
		if err := job.Ready(ctx, w.cmd.Process.Pid); err != nil {
			return answer, w, err
		}
	}
	began := time.Now()
	answer, alive := w.perform(ctx, job)
	answer.Took = time.Since(began)
	if w.did++; !alive {
		w.stop()
		return answer, nil, nil
	}
	return answer, w, nil
}
