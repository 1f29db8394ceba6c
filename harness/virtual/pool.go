package virtual

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// Pool performs jobs in worker processes.
type Pool struct {
	Args    []string      // of this binary, that make it Serve
	Workers int           // 0: one a core
	Silence time.Duration // real time without a word after which a worker is ended; 0: 30 s
	Stderr  io.Writer     // for what workers print; nil: kept, and quoted when one dies
}

// Answer is what became of a job.
type Answer struct {
	Reply json.RawMessage
	Leak  string        // what the job left behind in its bubble
	Died  string        // how the worker died over it: the end of its stderr
	Hung  bool          // it was ended because it said nothing
	Took  time.Duration // real time
}

// Run performs the jobs, in any order, and calls done for each from one
// goroutine at a time. It returns when all are done or the context ends; jobs
// that were not begun by then are not reported.
func (p Pool) Run(ctx context.Context, jobs []json.RawMessage, done func(i int, a Answer)) error {
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
	return runtime.NumCPU()
}

// work keeps one worker busy; when it dies over a job the next job gets a
// fresh one.
func (p Pool) work(ctx context.Context, jobs []json.RawMessage, queue <-chan int, done func(int, Answer)) error {
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

// worker is one child process.
type worker struct {
	cmd     *exec.Cmd
	jobs    io.WriteCloser
	lines   chan []byte // what it writes; closed at its end
	stderr  *tail
	silence time.Duration
}

func (p Pool) start(ctx context.Context) (*worker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program to start a worker: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, p.Args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	w := &worker{cmd: cmd, lines: make(chan []byte), stderr: &tail{}, silence: p.Silence}
	if w.silence == 0 {
		w.silence = 30 * time.Second
	}
	cmd.Stderr = w.stderr
	if w.jobs, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	go w.read(out)
	return w, nil
}

func (w *worker) read(out io.Reader) {
	defer close(w.lines)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		w.lines <- append([]byte(nil), lines.Bytes()...)
	}
}

// perform hands over one job and waits for its reply; alive is false when the
// worker cannot be used any more.
func (w *worker) perform(ctx context.Context, job json.RawMessage) (a Answer, alive bool) {
	if _, err := w.jobs.Write(append(job, '\n')); err != nil {
		return w.died(), false
	}
	for {
		m, state := w.next(ctx)
		switch {
		case state == silent:
			w.kill()
			return Answer{Hung: true, Died: w.stderr.String()}, false
		case state == ended:
			return w.died(), false
		case !m.Began:
			return Answer{Reply: m.Reply, Leak: m.Leak}, m.Leak == ""
		}
	}
}

type listening int

const (
	heard listening = iota
	silent
	ended
)

func (w *worker) next(ctx context.Context) (m message, s listening) {
	timer := time.NewTimer(w.silence)
	defer timer.Stop()
	select {
	case line, ok := <-w.lines:
		if !ok || json.Unmarshal(line, &m) != nil {
			return m, ended
		}
		return m, heard
	case <-timer.C:
		return m, silent
	case <-ctx.Done():
		return m, ended
	}
}

func (w *worker) died() Answer {
	w.kill()
	for range w.lines { // until its last word
	}
	_ = w.cmd.Wait() // how it ended is in its stderr
	return Answer{Died: w.stderr.String()}
}

func (w *worker) kill() { _ = w.cmd.Process.Kill() } // it may be gone already

// stop lets the worker end by itself, or makes it.
func (w *worker) stop() {
	if w == nil {
		return
	}
	_ = w.jobs.Close() // its end is the worker's sign to end
	go func() {
		for range w.lines {
		}
	}()
	timer := time.AfterFunc(5*time.Second, w.kill)
	_ = w.cmd.Wait()
	timer.Stop()
}
