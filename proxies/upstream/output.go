package upstream

import (
	"bytes"
	"io"
	"sync"
)

// output gathers what is written to a connection, so that a request that is there goes
// out in one piece.
type output struct {
	c *conn

	mu  sync.Mutex // net/http may look at a body from a goroutine of its own
	out []byte
}

// Write takes p, and sends what is too much to keep.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.out)+len(p) > readAhead && len(o.out) > 0 {
		if err := o.flush(); err != nil {
			return 0, err
		}
	}
	o.out = append(o.out, p...)
	return len(p), nil
}

// WriteString does the same.
func (o *output) WriteString(s string) (int, error) { return o.Write([]byte(s)) }

// WriteByte does the same; that there is such a method keeps net/http from buffering.
func (o *output) WriteByte(c byte) error {
	_, err := o.Write([]byte{c})
	return err
}

// Flush sends what there is.
func (o *output) Flush() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.flush()
}

func (o *output) flush() error {
	if len(o.out) == 0 {
		return nil
	}
	n, err := o.c.Write(o.out)
	o.c.written += int64(n)
	if o.out = o.out[:0]; cap(o.out) > 2*readAhead {
		o.out = nil
	}
	return err
}

// Memory is a request's body that is there, and goes out with its head.
type Memory struct{ bytes.Reader }

// NewMemory is one of these bytes.
func NewMemory(b []byte) *Memory {
	m := &Memory{}
	m.Reset(b)
	return m
}

// Close does nothing.
func (*Memory) Close() error { return nil }

var _ io.ReadCloser = (*Memory)(nil)
