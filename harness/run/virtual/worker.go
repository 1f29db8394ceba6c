package virtual

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"testing"
)

// Limits of what goes between a worker and its parent, in bytes.
const (
	maxLine = 16 << 20 // a job, or a reply without its blob
	maxBlob = 1 << 30  // that goes with a reply
)

// pieceSize is about how many bytes of a blob are sent at a time.
const pieceSize = 64 << 10

// message is one line from a worker: the announcement of a job, or its reply.
type message struct {
	Began bool            `json:"began,omitempty"`
	Reply json.RawMessage `json:"reply,omitempty"`
	Blob  int             `json:"blob,omitempty"` // so many bytes of the next reply's blob follow the line
	Room  int             `json:"room,omitempty"` // how many bytes may come in all
	Leak  string          `json:"leak,omitempty"` // what the job left behind, or how its bubble broke
}

// Do performs a job and returns the reply. A history is written to blob as it is encoded:
// both forms of a long one together may not fit into memory.
type Do func(job json.RawMessage, blob *Blob) (reply json.RawMessage)

// Serve is a worker's whole life: it reads one job a line from in, performs
// each in a bubble of its own, and writes what becomes of it to out: do returns
// the reply, after it has written what goes with it. The
// process ends when in ends, in the middle of a job too: then the parent is
// gone. What jobs print goes to stderr, as does the test runner's PASS: out is
// for replies only, and may be the process's stdout.
func Serve(in io.Reader, out io.Writer, do Do) {
	os.Stdout = os.Stderr
	BoundHeap()
	signal.Ignore(os.Interrupt) // Ctrl-C goes to the whole group: the parent decides what it means
	jobs := make(chan json.RawMessage)
	go listen(parked(in), jobs)
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
	if err := lines.Err(); err != nil {
		fmt.Fprintf(os.Stderr, "read a job: %v; a line may have %d bytes (maxLine)\n", err, maxLine)
		os.Exit(1)
	}
	os.Exit(0)
}

func serve(t *testing.T, jobs <-chan json.RawMessage, out io.Writer, do Do) {
	replies := &teller{out: out}
	for job := range jobs {
		if err := replies.tell(message{Began: true}, nil); err != nil {
			unheard(err)
		}
		if err := replies.tell(perform(t, job, replies, do), nil); err != nil {
			unheard(err)
		}
	}
}

// unheard ends the process: its parent is gone, or cannot be told of its work.
func unheard(err error) {
	fmt.Fprintln(os.Stderr, "tell of a job:", err)
	os.Exit(1)
}

// perform runs one job; the reply stands even if the bubble then complains.
func perform(t *testing.T, job json.RawMessage, replies *teller, do Do) (m message) {
	m.Leak = Try(t, func() { m.Reply = replies.perform(job, do) })
	return m
}

// stacks are those of all goroutines.
func stacks() []byte {
	buffer := make([]byte, tailSize)
	return buffer[:runtime.Stack(buffer, true)]
}
