package sweep

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// As is what became of a point.
type As string

// What can become of one.
const (
	Passed    As = "passed"
	Failed    As = "failed"
	Excused   As = "excused"       // nobody could do better
	Unreached As = "never reached" // a fault never fired
	Open      As = "open"          // not concluded, or nobody gets through
)

// Entry is what became of a point, as a journal has it.
type Entry struct {
	Point string `json:"point"`
	As    As     `json:"as"`
	Why   string `json:"why,omitempty"`   // the excuse, or the reason of the failure
	Cause *Cause `json:"cause,omitempty"` // of a failure
}

// Journal is the file of a sweep that says whose it is, and what became of each
// point as soon as it is known. A sweep that was ended in the middle goes on with
// what it holds. It belongs to one goroutine.
type Journal struct {
	file  *os.File
	Known map[string]Entry // by the points' names, as they stood when it was opened
}

// OpenJournal opens the file, or makes it. Of is whose sweep it is, in words that are
// the same when it goes on; another's is an error. A last line that was cut off by a
// kill counts for nothing.
func OpenJournal(path, of string) (*Journal, error) {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("the sweep's journal %s is not a regular file: in a directory from elsewhere a link leads out of it", path)
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the sweep's journal: %w", err)
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	j := &Journal{Known: map[string]Entry{}}
	if len(text) > 0 {
		if err := j.read(path, of, text); err != nil {
			return nil, err
		}
	}
	if j.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("open the sweep's journal: %w", err)
	}
	_, err = j.file.Seek(int64(len(text)), io.SeekStart)
	if err = errors.Join(err, j.file.Truncate(int64(len(text)))); err == nil && len(text) == 0 {
		err = json.NewEncoder(j.file).Encode(header{of})
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the sweep's journal: %w", err), j.file.Close())
	}
	return j, nil
}

// header is the first line.
type header struct {
	Of string `json:"sweep of"`
}

func (j *Journal) read(path, of string, text []byte) error {
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	for n := 1; lines.Scan(); n++ {
		var h header
		var e Entry
		err := json.Unmarshal(lines.Bytes(), &e)
		if n == 1 {
			err = json.Unmarshal(lines.Bytes(), &h)
		}
		switch {
		case err != nil:
			return fmt.Errorf("%s:%d is no line of a sweep's journal: %w", path, n, err)
		case n > 1:
			j.Known[e.Point] = e
		case h.Of != of:
			return fmt.Errorf("%s is of another sweep: it was %s, and this is %s", path, h.Of, of)
		}
	}
	return nil
}

// Note stores what became of a point.
func (j *Journal) Note(e Entry) error {
	line, err := json.Marshal(e)
	if err == nil {
		_, err = j.file.Write(append(line, '\n')) // in one piece: a kill cuts no line but the last
	}
	if err != nil {
		return fmt.Errorf("store what became of %s: %w", e.Point, err)
	}
	return nil
}

// Close closes the file.
func (j *Journal) Close() error { return j.file.Close() }
