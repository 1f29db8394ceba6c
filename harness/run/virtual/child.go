package virtual

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// lastWords is the real time that a worker has to say where it hangs, or to
// end by itself.
const lastWords = 5 * time.Second

// worker is one child process, as its parent sees it.
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
	cmd.Env = workerEnv()
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

// workerEnv is ours, with all stacks, so that it can be told in whose code a
// worker died; and with rarer collections, for its heap is small and its
// garbage much: that saves a sixth of the time.
func workerEnv() []string {
	env := append(os.Environ(), "GOMAXPROCS=1", "GOTRACEBACK=all")
	if os.Getenv("GOGC") == "" {
		env = append(env, "GOGC=400")
	}
	return env
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
			return w.hung(), false
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
	w.wait()
	return Answer{Died: w.stderr.String()}
}

// hung ends a worker that says nothing. SIGQUIT makes it tell its stacks;
// where there is no such signal it is killed without.
func (w *worker) hung() Answer {
	if w.cmd.Process.Signal(syscall.SIGQUIT) != nil {
		w.kill()
	}
	timer := time.AfterFunc(lastWords, w.kill)
	defer timer.Stop()
	w.wait()
	return Answer{Hung: true, Died: w.stderr.String()}
}

func (w *worker) kill() { _ = w.cmd.Process.Kill() } // it may be gone already

// wait returns when the worker has ended and all that it said is here.
func (w *worker) wait() {
	for range w.lines { // until its last word
	}
	_ = w.cmd.Wait() // how it ended is in its stderr
}

// stop lets the worker end by itself, or makes it.
func (w *worker) stop() {
	if w == nil {
		return
	}
	_ = w.jobs.Close() // its end is the worker's sign to end
	timer := time.AfterFunc(lastWords, w.kill)
	defer timer.Stop()
	w.wait()
}
