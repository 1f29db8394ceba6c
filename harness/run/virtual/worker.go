package virtual

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/signal"
	"runtime"
	"testing"
)

// maxLine bounds one job or reply, in bytes.
const maxLine = 64 << 20

// message is one line from a worker: the announcement of a job, or its reply.
type message struct {
	Began bool            `json:"began,omitempty"`
	Reply json.RawMessage `json:"reply,omitempty"`
	Leak  string          `json:"leak,omitempty"` // what the job left behind, or how its bubble broke
}

// Serve is a worker's whole life: it reads one job a line from in, performs
// each in a bubble of its own, and writes what becomes of it to out. The
// process ends when in ends, in the middle of a job too: then the parent is
// gone. What jobs print goes to stderr, as does the test runner's PASS: out is
// for replies only, and may be the process's stdout.
func Serve(in io.Reader, out io.Writer, do func(job json.RawMessage) (reply json.RawMessage)) {
	os.Stdout = os.Stderr
	signal.Ignore(os.Interrupt) // Ctrl-C goes to the whole group: the parent decides what it means
	jobs := make(chan json.RawMessage)
	go listen(in, jobs)
	// A bubble needs a *testing.T, and testing.Main is the only way to one
	// outside of a test binary; it exits the process in the end.
	testing.Main(
		func(string, string) (bool, error) { return true, nil },
		[]testing.InternalTest{{Name: "worker", F: func(t *testing.T) { serve(t, jobs, out, do) }}},
		nil, nil,
	)
}

// listen reads the jobs outside of any bubble, so that the end of in is noticed
// whatever a job does.
func listen(in io.Reader, jobs chan<- json.RawMessage) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		jobs <- append(json.RawMessage(nil), lines.Bytes()...)
	}
	os.Exit(0)
}

func serve(t *testing.T, jobs <-chan json.RawMessage, out io.Writer, do func(json.RawMessage) json.RawMessage) {
	replies := json.NewEncoder(out)
	for job := range jobs {
		if replies.Encode(message{Began: true}) != nil {
			return // the parent is gone
		}
		if replies.Encode(perform(t, job, do)) != nil {
			return
		}
	}
}

// perform runs one job; the reply stands even if the bubble then complains.
func perform(t *testing.T, job json.RawMessage, do func(json.RawMessage) json.RawMessage) (m message) {
	m.Leak = Try(t, func() { m.Reply = do(job) })
	return m
}

// stacks are those of all goroutines.
func stacks() []byte {
	buffer := make([]byte, tailSize)
	return buffer[:runtime.Stack(buffer, true)]
}
