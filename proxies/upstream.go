package proxies

import (
	"bytes"
	"sync"
)

// upstream is a connection towards the gateway, from the box's pool. While an
// exchange has it, it respells the request's head and notes the answer's.
type upstream struct {
	*conn
	requests rewriter

	mu     sync.Mutex
	waits  *exchange // nil: nobody waits for a head
	buffer []byte
}

// expect lends the connection to an exchange. net/http drops a pooled
// connection that speaks unasked, so the next bytes read are the head of its
// answer.
func (u *upstream) expect(x *exchange) {
	u.requests.arm(x.requestChange())
	u.mu.Lock()
	defer u.mu.Unlock()
	u.waits, u.buffer = x, nil
}

// Read notes the head of the answer that is expected.
func (u *upstream) Read(p []byte) (int, error) {
	n, err := u.conn.Read(p)
	u.mu.Lock()
	defer u.mu.Unlock()
	if n == 0 && u.completes(err) {
		n, err = copy(p, "\r\n\r\n"), nil
	}
	if u.waits != nil && n > 0 {
		u.waits.began.Store(true)
		u.gather(p[:n])
	}
	return n, err
}

// gather looks for the end of the head; interim answers are passed over.
func (u *upstream) gather(p []byte) {
	if len(u.buffer) == 0 {
		u.buffer = p // it is not kept beyond this call
	} else {
		u.buffer = append(u.buffer, p...)
	}
	for {
		n := headEnd(u.buffer)
		if n < 0 {
			u.buffer = bytes.Clone(u.buffer)
			return
		}
		if !isInterim(u.buffer[:n]) {
			u.waits.answer.Store(parseHead(u.buffer[:n]))
			u.waits, u.buffer = nil, nil
			return
		}
		u.buffer = u.buffer[n:]
	}
}

// Write respells the head of the request that is expected.
func (u *upstream) Write(p []byte) (int, error) { return u.requests.write(u.Conn, p) }
