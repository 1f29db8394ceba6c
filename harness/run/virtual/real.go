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
func ServeReal(in io.Reader, out io.Writer, do func(job json.RawMessage) (reply json.RawMessage), left func() string) error {
	os.Stdout = os.Stderr
	signal.Ignore(os.Interrupt)
	jobs := make(chan json.RawMessage)
	go listen(in, jobs)
	replies := &teller{out: json.NewEncoder(out)}
	for job := range jobs {
		stop := replies.beat()
		m := message{Reply: do(job)}
		m.Leak = left()
		stop()
		if err := replies.tell(m); err != nil {
			return err // the parent is gone
		}
	}
	return nil
}

// teller writes messages one at a time.
type teller struct {
	mu  sync.Mutex
	out *json.Encoder
}

func (t *teller) tell(m message) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.Encode(m)
}

// beat announces a job again and again until stop has returned.
func (t *teller) beat() (stop func()) {
	done := make(chan struct{})
	var beating sync.WaitGroup
	beating.Go(func() {
		ticker := time.NewTicker(heartbeat)
		defer ticker.Stop()
		for t.tell(message{Began: true}) == nil {
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
