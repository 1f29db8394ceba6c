package virtual

import (
	"encoding/json"
	"io"
	"os"
	"os/signal"
	"sync"
	"time"
)

// heartbeat is how often a worker in real time says that it is at work; a Pool
// takes a long silence for its end.
const heartbeat = 5 * time.Second

// ServeReal is Serve for jobs that run in real time, without a bubble: a client
// that takes its process down takes no more than its own job along. After each
// job left says what it left behind in the process, empty if nothing; such a
// process is not used again.
func ServeReal(in io.Reader, out io.Writer, do Do, left func() string) error {
	os.Stdout = os.Stderr
	BoundHeap()
	signal.Ignore(os.Interrupt)
	jobs := make(chan json.RawMessage)
	go listen(in, jobs)
	replies := &teller{out: out}
	for job := range jobs {
		stop := replies.beat()
		reply := replies.perform(job, do)
		m := message{Reply: reply, Leak: left()}
		stop()
		if err := replies.tell(m, nil); err != nil {
			return err // the parent is gone
		}
	}
	return nil
}

// teller writes messages one at a time.
type teller struct {
	mu  sync.Mutex
	out io.Writer
}

// perform does a job. When it returns, the blob of the reply has been sent.
func (t *teller) perform(job json.RawMessage, do Do) json.RawMessage {
	out := &Blob{to: t}
	reply := do(job, out)
	_ = out.flush() // if the parent is gone, sending the reply fails, too
	return reply
}

// Blob is data that belongs to a reply. It is sent while it is written.
type Blob struct {
	to    *teller
	piece []byte
}

// Grow announces how many bytes may come in all, so that the reader can make room.
func (b *Blob) Grow(n int) error {
	if n == 0 {
		return nil // a message without anything is a reply
	}
	return b.to.tell(message{Room: n}, nil)
}

// Write sends p, together with what is written next if it is short.
func (b *Blob) Write(p []byte) (int, error) {
	if b.piece == nil {
		b.piece = make([]byte, 0, pieceSize)
	}
	if len(b.piece)+len(p) > pieceSize {
		if err := b.flush(); err != nil {
			return 0, err
		}
	}
	b.piece = append(b.piece, p...)
	return len(p), nil
}

// flush sends what was not sent yet.
func (b *Blob) flush() error {
	if len(b.piece) == 0 {
		return nil
	}
	err := b.to.tell(message{}, b.piece)
	b.piece = b.piece[:0]
	return err
}

// tell writes a message and the piece of a blob that follows it.
func (t *teller) tell(m message, blob []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	m.Blob = len(blob)
	if err := json.NewEncoder(t.out).Encode(m); err != nil {
		return err
	}
	_, err := t.out.Write(blob)
	return err
}

// beat announces a job again and again until stop has returned.
func (t *teller) beat() (stop func()) {
	done := make(chan struct{})
	var beating sync.WaitGroup
	beating.Go(func() {
		ticker := time.NewTicker(heartbeat)
		defer ticker.Stop()
		for t.tell(message{Began: true}, nil) == nil {
			select {
			case <-ticker.C:
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		beating.Wait()
	}
}
