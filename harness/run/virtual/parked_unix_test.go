//go:build unix

package virtual

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A read of what is parked can be called off, which one in the kernel cannot; and what
// comes is read.
func TestParked(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	in, is := parked(r).(*os.File)
	if !is || in == r {
		t.Fatal("it is as it was")
	}
	defer in.Close()
	if err := in.SetReadDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("called off: %v", err)
	}
	if err := in.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	go w.WriteString("word")
	got := make([]byte, 4)
	if n, err := in.Read(got); string(got[:n]) != "word" || err != nil {
		t.Errorf("read %q: %v", got[:n], err)
	}
	if other := strings.NewReader(""); parked(other) != other {
		t.Error("what is no file is changed")
	}
}

// While an answer is taken over, its worker is at the next job.
func TestTheNextJobIsBegunMeanwhile(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "begun")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	next, err := json.Marshal(pipe)
	if err != nil {
		t.Fatal(err)
	}
	begun, err := os.OpenFile(pipe, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer begun.Close()
	if err := begun.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, len("begun"))
	if err := (Pool{Args: []string{asWorker}, Workers: 1}).Run(t.Context(), []Job{{Text: []byte("1")}, {Text: next}}, func(i int, _ Answer) {
		if i == 0 {
			_, err = io.ReadFull(begun, said) // the second job writes it
		}
	}); err != nil {
		t.Fatal(err)
	}
	if string(said) != "begun" || err != nil {
		t.Errorf("%q, %v", said, err)
	}
}
