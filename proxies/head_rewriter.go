package proxies

import (
	"net"
	"sync"
)

// headRewriter holds back the next head that is written to a connection until it
// is whole, and writes what the head shall look like instead. Unarmed, it
// passes everything. Nothing is held while a write blocks.
type headRewriter struct {
	mu     sync.Mutex
	change func(generated []byte) []byte // nil: unarmed
	held   []byte
}

// arm sets what becomes of the next head; nil disarms.
func (r *headRewriter) arm(change func([]byte) []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.change, r.held = change, nil
}

// write sends p on, changed where due. It reports bytes of p, not of the
// changed head.
func (r *headRewriter) write(to net.Conn, p []byte) (int, error) {
	out, changed := r.feed(p)
	if !changed {
		return to.Write(p)
	}
	if len(out) == 0 {
		return len(p), nil
	}
	if _, err := to.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// feed gives what is to be written for p; changed is false if that is p.
// Interim answers (100 Continue) pass as they are and leave it armed.
func (r *headRewriter) feed(p []byte) (out []byte, changed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.change == nil {
		return nil, false
	}
	if n := headEnd(p); len(r.held) == 0 && n >= 0 && !isInterim(p[:n]) { // as it mostly is
		out, r.change = append(r.change(p[:n]), p[n:]...), nil
		return out, true
	}
	r.held = append(r.held, p...)
	for {
		n := headEnd(r.held)
		if n < 0 {
			return out, true
		}
		if !isInterim(r.held[:n]) {
			out = append(append(out, r.change(r.held[:n])...), r.held[n:]...)
			r.change, r.held = nil, nil
			return out, true
		}
		out, r.held = append(out, r.held[:n]...), r.held[n:]
	}
}
