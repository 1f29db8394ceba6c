package child

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// keptLog is how much of each end of a client's log is kept.
const keptLog = 64 << 10

// log takes what a client prints, of any length: its beginning and its end.
// Methods are safe for concurrent use.
type log struct {
	mu      sync.Mutex
	head    []byte
	tail    []byte
	dropped int
}

// Write never fails.
func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	room := min(len(p), keptLog-len(l.head))
	l.head = append(l.head, p[:room]...)
	l.tail = append(l.tail, p[room:]...)
	if over := len(l.tail) - keptLog; over > keptLog { // seldom, for each time costs a copy
		l.tail = slices.Clone(l.tail[over:])
		l.dropped += over
	}
	return len(p), nil
}

// bytes is what was kept, with a word on what was not.
func (l *log) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	gap := ""
	if l.dropped > 0 {
		gap = fmt.Sprintf("\n[%d bytes left out]\n", l.dropped)
	}
	return slices.Concat(l.head, []byte(gap), l.tail)
}

// lastWords is the last line that says something, on one line and short.
func (l *log) lastWords() string {
	lines := bytes.Split(bytes.TrimSpace(l.bytes()), []byte("\n"))
	last := strings.TrimSpace(string(lines[len(lines)-1]))
	if last == "" {
		return "it said nothing on stderr"
	}
	return "its last words: " + short(last)
}

// short is a text that fits into a message.
func short(text string) string {
	const most = 200
	text = strings.ToValidUTF8(text, "�")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
