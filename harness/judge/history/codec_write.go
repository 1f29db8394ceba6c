package history

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"io"
)

// Write stores a history as JSON Lines. Events must be numbered in rising
// order, as the Recorder numbers them. An error of w is returned as it is
// found; what was written until then lacks the last line and reads as cut.
func Write(w io.Writer, meta Meta, events []Event) error {
	out := newWriter(w)
	out.line(headLine{formatName, formatVersion, meta})
	last := 0
	for _, e := range events {
		if e.Seq <= last {
			return fmt.Errorf("writing a history: event %d follows event %d", e.Seq, last)
		}
		last = e.Seq
		out.event(e)
	}
	out.line(lastLine{len(events), digest(out.sum)})
	if err := out.flush(); err != nil {
		return fmt.Errorf("writing a history: %w", err)
	}
	return nil
}

// writer keeps the first error, so that the lines need no checks between them.
type writer struct {
	out  *bufio.Writer
	sum  hash.Hash
	json *json.Encoder
	seen map[string]bool // references of the blobs written so far
	err  error
}

func newWriter(w io.Writer) *writer {
	out := &writer{out: bufio.NewWriter(w), sum: sha256.New(), seen: map[string]bool{}}
	out.json = json.NewEncoder(io.MultiWriter(out.out, out.sum))
	out.json.SetEscapeHTML(false) // the file is for people, not for browsers
	return out
}

func (w *writer) line(v any) {
	if w.err == nil {
		w.err = w.json.Encode(v)
	}
}

func (w *writer) event(e Event) {
	line := eventLine{Event: e}
	line.Data = nil
	if len(e.Data) < blobAtLeast {
		line.payload = pack(e.Data)
	} else {
		line.Ref = w.blob(e.Data)
	}
	line.hideBytes()
	w.line(line)
}

// blob writes data unless it has been, and returns how to refer to it.
func (w *writer) blob(data []byte) string {
	ref := refOf(data)
	if !w.seen[ref] {
		w.seen[ref] = true
		w.line(blobLine{ref, pack(data)})
	}
	return ref
}

func (w *writer) flush() error {
	if w.err != nil {
		return w.err
	}
	return w.out.Flush()
}
