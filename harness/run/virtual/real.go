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
func ServeReal(in io.Reader, out io.Writer, do func(job json.RawMessage) Reply, left func() string) error {
	os.Stdout = os.Stderr
	signal.Ignore(os.Interrupt)
	jobs := make(chan json.RawMessage)
	go listen(in, jobs)
	replies := &teller{out: out}
	for job := range jobs {
		stop := replies.beat()
		reply := do(job)
		m := message{Reply: reply.Text, Leak: left()}
		stop()
		if err := replies.tell(m, reply.Blob); err != nil {
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

// tell writes a message and the blob that goes with it.
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
