package heads

import (
	"net"
	"sync"

	"gauntlet/proxies/http1"
)

// Rewriter holds back the next head that is written to a connection until it
// is whole, and writes what the head shall look like instead. Unarmed, it
// passes everything. Nothing is held while a write blocks. It is safe for
// concurrent use.
type Rewriter struct {
	mu     sync.Mutex
	change func(generated []byte) []byte // nil: unarmed
	held   []byte
}

// Arm sets what becomes of the next head; nil disarms.
func (r *Rewriter) Arm(change func(generated []byte) []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.change, r.held = change, nil
}

// Write sends p on, changed where due. It returns bytes of p, not of the
// changed head.
func (r *Rewriter) Write(to net.Conn, p []byte) (int, error) {
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

// feed returns what is to be written for p; changed is false if that is p.
// Interim answers (100 Continue) pass as they are and leave it armed.
func (r *Rewriter) feed(p []byte) (out []byte, changed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.change == nil {
		return nil, false
	}
	if n := http1.HeadEnd(p); len(r.held) == 0 && n >= 0 && !http1.IsInterim(p[:n]) { // as it mostly is
		out, r.change = append(r.change(p[:n]), p[n:]...), nil
		return out, true
	}
	r.held = append(r.held, p...)
	for {
		n := http1.HeadEnd(r.held)
		if n < 0 {
			return out, true
		}
		if !http1.IsInterim(r.held[:n]) {
			out = append(append(out, r.change(r.held[:n])...), r.held[n:]...)
			r.change, r.held = nil, nil
			return out, true
		}
		out, r.held = append(out, r.held[:n]...), r.held[n:]
	}
}
