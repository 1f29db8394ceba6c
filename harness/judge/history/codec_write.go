package history

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"hash/maphash"
	"io"
)

// LineLength is how many bytes an event takes in a stored history, with its data: the
// average is 170, of long runs 200 to 215.
const LineLength = 224

// Write stores a history as JSON Lines. Events must be numbered in rising
// order, as the Recorder numbers them. An error of w is returned as it is
// found; what was written until then lacks the last line and reads as cut.
func Write(w io.Writer, meta Meta, events []Event) error {
	out := newWriter(w)
	out.line(headLine{formatName, formatVersion, meta})
	last := 0
	for i := range events {
		e := &events[i]
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
	room []byte // for a line
	seed maphash.Seed
	seen map[uint64]written // the blobs so far, by their hash or the next free number
	err  error
}

func newWriter(w io.Writer) *writer {
	out := &writer{out: bufio.NewWriter(w), sum: sha256.New(), seed: maphash.MakeSeed(), seen: map[uint64]written{}}
	out.json = json.NewEncoder(io.MultiWriter(out.out, out.sum))
	out.json.SetEscapeHTML(false) // the file is for people, not for browsers
	return out
}

func (w *writer) line(v any) {
	if w.err == nil {
		w.err = w.json.Encode(v)
	}
}

// raw writes a line that is JSON already.
func (w *writer) raw(line []byte) {
	if w.err == nil {
		_, w.err = w.out.Write(line)
		w.sum.Write(line) // a hash never fails
	}
}

func (w *writer) event(e *Event) {
	ref := ""
	if len(e.Data) >= blobAtLeast {
		ref = w.blob(e.Data)
	}
	var whole bool
	if w.room, whole = appendEvent(w.room[:0], e, ref); whole {
		w.raw(w.room)
		return
	}
	line := eventLine{Event: *e, Ref: ref}
	line.Data = nil
	if ref == "" {
		line.payload = pack(e.Data)
	}
	line.hideBytes()
	w.line(line)
}

// written is data that has a blob line. It shares the event's memory: copies of all would
// take as much again.
type written struct {
	data []byte
	ref  string
}

// blob writes data unless it has been, and returns how to refer to it.
func (w *writer) blob(data []byte) string {
	key := maphash.Bytes(w.seed, data)
	for there, ok := w.seen[key]; ok; there, ok = w.seen[key] {
		if bytes.Equal(there.data, data) {
			return there.ref
		}
		key++
	}
	ref := refOf(data)
	w.seen[key] = written{data, ref}
	w.room = appendBlob(w.room[:0], ref, data)
	w.raw(w.room)
	return ref
}

func (w *writer) flush() error {
	if w.err != nil {
		return w.err
	}
	return w.out.Flush()
}
