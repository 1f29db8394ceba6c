package virtual

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
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
	words   chan word // what it writes; closed at its end
	stderr  *tail
	silence time.Duration
	did     int // jobs
}

func (p Pool) start(ctx context.Context) (*worker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program to start a worker: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, p.Args...)
	cmd.Env = workerEnv()
	w := &worker{cmd: cmd, words: make(chan word), stderr: &tail{}, silence: p.Silence}
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
// garbage much: that saves a sixth of the time. It bounds what that lets grow.
func workerEnv() []string {
	env := append(os.Environ(), "GOMAXPROCS=1", "GOTRACEBACK=all")
	if os.Getenv("GOGC") == "" {
		env = append(env, "GOGC=400")
	}
	return env
}

// word is one message from a worker, with the blob that came before it.
type word struct {
	message
	blob []byte
	err  error // it cannot be understood, and no more will come
}

func (w *worker) read(out io.Reader) {
	defer close(w.words)
	in := bufio.NewReaderSize(out, 64<<10)
	for {
		said, err := readWord(in)
		if err == io.EOF {
			return
		}
		said.err = err
		w.words <- said
		if err != nil {
			_, _ = io.Copy(io.Discard, out) // it must be able to end
			return
		}
	}
}

// readWord reads a message, and the pieces of what goes with it before it.
func readWord(in *bufio.Reader) (said word, err error) {
	for {
		line, err := readLine(in)
		if err != nil {
			return said, err
		}
		said.message = message{}
		if err := json.Unmarshal(line, &said.message); err != nil {
			return said, fmt.Errorf("a line of the worker's is no message: %w", err)
		}
		switch {
		case said.Room > 0:
			said.blob = slices.Grow(said.blob, min(said.Room, maxBlob))
		case said.Blob == 0:
			return said, nil
		default:
			if said.blob, err = readPiece(in, said.blob, said.Blob); err != nil {
				return said, err
			}
		}
	}
}

// readPiece adds n bytes to what there is.
func readPiece(in *bufio.Reader, there []byte, n int) ([]byte, error) {
	if whole := len(there) + n; n < 0 || n > maxBlob || whole > maxBlob {
		return nil, fmt.Errorf("a reply comes with %d bytes; there may be %d (maxBlob)", whole, maxBlob)
	}
	there = slices.Grow(there, n)[:len(there)+n]
	_, err := io.ReadFull(in, there[len(there)-n:])
	if err == io.ErrUnexpectedEOF {
		err = io.EOF // half a reply is a worker's that has died, too
	}
	return there, err
}

// readLine reads up to a line's end, which is not part of it.
func readLine(in *bufio.Reader) (line []byte, err error) {
	for {
		piece, err := in.ReadSlice('\n')
		line = append(line, piece...)
		switch {
		case len(line) > maxLine:
			return nil, fmt.Errorf("a line of the worker's has more than %d bytes (maxLine)", maxLine)
		case err == nil:
			return line, nil
		case err == io.EOF || errors.Is(err, fs.ErrClosed):
			return nil, io.EOF // half a line is a worker's that has died
		case err != bufio.ErrBufferFull:
			return nil, fmt.Errorf("hear from a worker: %w", err)
		}
	}
}

// perform hands over one job and waits for its reply; alive is false when the
// worker cannot be used any more.
func (w *worker) perform(ctx context.Context, job Job) (a Answer, alive bool) {
	if _, err := w.jobs.Write(append(job.Text, '\n')); errors.Is(err, syscall.EPIPE) {
		return w.died(nil), false // it knows why it has ended
	} else if err != nil {
		return w.died(fmt.Errorf("hand a job to a worker: %w", err)), false
	}
	silence := w.silence + job.Work
	patience := w.patience(silence)
	for {
		began := time.Now()
		m, state := w.next(ctx, patience.pause())
		switch {
		case state == silent && patience.ends(time.Since(began)):
			return w.hung(patience.waited), false
		case state == silent:
		case state == ended:
			return w.died(cmp.Or(m.err, ctx.Err())), false // who is called off has no last words
		case !m.Began:
			return Answer{Reply: Reply{m.Reply, m.blob}, Leak: m.Leak}, m.Leak == ""
		default:
			patience = w.patience(silence)
		}
	}
}

// patience begins with a word of the worker's.
func (w *worker) patience(silence time.Duration) *patience {
	ran, _ := ranBy(w.cmd.Process.Pid)
	return newPatience(silence, ran, func() (usage, bool) { return usageOf(w.cmd.Process.Pid) })
}

type listening int

const (
	heard listening = iota
	silent
	ended
)

func (w *worker) next(ctx context.Context, silence time.Duration) (m word, s listening) {
	timer := time.NewTimer(silence)
	defer timer.Stop()
	said := func(m word, ok bool) (word, listening) {
		if !ok || m.err != nil {
			return m, ended
		}
		return m, heard
	}
	select {
	case m, ok := <-w.words:
		return said(m, ok)
	case <-timer.C:
	case <-ctx.Done():
		return m, ended
	}
	select { // we may be late ourselves
	case m, ok := <-w.words:
		return said(m, ok)
	default:
		return m, silent
	}
}

// died is the end of a worker: what it said last, or what was wrong with what it
// said, or how its process ended.
func (w *worker) died(wrong error) Answer {
	if wrong != nil {
		w.kill()
		w.wait()
		return Answer{Died: wrong.Error()}
	}
	timer := time.AfterFunc(lastWords, w.kill)
	defer timer.Stop()
	w.wait()
	state := w.cmd.ProcessState.String()
	return Answer{Died: deathOf(state, w.stderr.String()), Ended: state == killed}
}

// killed is how the end of a process reads that somebody ended with 9.
const killed = "signal: killed"

// deathOf is what a worker died of. One that a signal ended was in the middle of
// something else: what it printed before is not the reason.
func deathOf(state, said string) string {
	switch {
	case state == killed:
		return "somebody else ended it (" + state + "), as the system does where memory is short\n" + said
	case strings.HasPrefix(state, "signal: "):
		return "it was ended by a signal (" + strings.TrimPrefix(state, "signal: ") + ")\n" + said
	}
	return cmp.Or(said, "it ended without a word: "+state)
}

// hung ends a worker that says nothing. SIGQUIT makes it tell its stacks;
// where there is no such signal it is killed without.
func (w *worker) hung(silence time.Duration) Answer {
	if w.cmd.Process.Signal(syscall.SIGQUIT) != nil {
		w.kill()
	}
	timer := time.AfterFunc(lastWords, w.kill)
	defer timer.Stop()
	w.wait()
	return Answer{Hung: silence, Died: w.stderr.String()}
}

func (w *worker) kill() { _ = w.cmd.Process.Kill() } // it may be gone already

// wait returns when the worker has ended and all that it said is here.
func (w *worker) wait() {
	for range w.words { // until its last word
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
