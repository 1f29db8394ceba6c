package child

import (
	"bytes"
	"fmt"
	"sync"
)

// lines cuts a client's stdout into lines. Once a limit is passed it takes no
// more, so that a flood ends nobody but its client. Methods are safe for
// concurrent use.
type lines struct {
	line func([]byte) // takes each, without its end; from one goroutine
	over func(error)  // is told once that a limit was passed

	mu      sync.Mutex
	partial []byte
	total   int
	closed  bool
}

// Write never fails, so that the client is not hung up on.
func (l *lines) Write(p []byte) (int, error) {
	whole, err := l.cut(p)
	for _, line := range whole {
		l.line(line)
	}
	if err != nil {
		l.over(err)
	}
	return len(p), nil
}

// cut returns the lines that p completes.
func (l *lines) cut(p []byte) (whole [][]byte, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, nil
	}
	l.total += len(p)
	l.partial = append(l.partial, p...)
	for {
		line, rest, found := bytes.Cut(l.partial, []byte("\n"))
		if len(line) > longestLine {
			l.closed = true
			return whole, fmt.Errorf("a line on stdout is longer than %d bytes; it begins %q", longestLine, short(string(line)))
		}
		if !found {
			break
		}
		whole, l.partial = append(whole, bytes.TrimSuffix(line, []byte("\r"))), rest
	}
	if l.total > longestTalk {
		l.closed = true
		return whole, fmt.Errorf("it floods stdout: more than %d bytes in one case", longestTalk)
	}
	return whole, nil
}

// half is what stands in a line that was not ended.
func (l *lines) half() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return short(string(l.partial))
}
