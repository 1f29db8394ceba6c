package virtual

import (
	"bytes"
	"sync"
)

// tailSize is how much of a worker's stderr is kept: the beginning, where a
// panic's own stack stands, and the end. The stacks of a big run fit in.
const tailSize = 256 << 10

// tail keeps the first and the last bytes that are written to it.
type tail struct {
	mu   sync.Mutex
	head []byte
	rest []byte
}

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(len(p), tailSize-len(t.head))
	t.head = append(t.head, p[:n]...)
	t.rest = append(t.rest, p[n:]...)
	if len(t.rest) > 2*tailSize {
		t.rest = append([]byte("…\n"), t.rest[len(t.rest)-tailSize:]...)
	}
	return len(p), nil
}

// String is what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(append(append([]byte(nil), t.head...), t.rest...)))
}
