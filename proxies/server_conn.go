package proxies

import (
	"bytes"
	"io"
	"sync"
)

// serverConn is a connection towards the gateway, from the box's pool. While an
// exchange has it, it respells the request's head and notes the answer's.
type serverConn struct {
	*conn
	requests headRewriter

	mu     sync.Mutex
	waits  *exchange // nil: nobody waits for a head
	buffer []byte
}

// expect lends the connection to an exchange. net/http drops a pooled
// connection that speaks unasked, so the next bytes read are the head of its
// answer.
func (s *serverConn) expect(x *exchange) {
	s.requests.arm(x.requestChange())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits, s.buffer = x, nil
}

// Read notes the head of the answer that is expected.
func (s *serverConn) Read(p []byte) (int, error) {
	n, err := s.conn.Read(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	if n == 0 && s.completes(err) {
		n, err = copy(p, "\r\n\r\n"), nil
	}
	if s.waits != nil && n > 0 {
		s.waits.began.Store(true)
		s.gather(p[:n])
	}
	return n, err
}

// completes reports whether err is the end of a head that counts as whole.
func (s *serverConn) completes(err error) bool {
	return err == io.EOF && s.waits != nil && len(s.buffer) > 0 && s.waits.box.behaviour.takesCutHead
}

// gather looks for the end of the head; interim answers are passed over.
func (s *serverConn) gather(p []byte) {
	if len(s.buffer) == 0 {
		s.buffer = p // it is not kept beyond this call
	} else {
		s.buffer = append(s.buffer, p...)
	}
	for {
		n := headEnd(s.buffer)
		if n < 0 {
			s.buffer = bytes.Clone(s.buffer)
			return
		}
		if !isInterim(s.buffer[:n]) {
			s.waits.answer.Store(parseHead(s.buffer[:n]))
			s.waits, s.buffer = nil, nil
			return
		}
		s.buffer = s.buffer[n:]
	}
}

// Write respells the head of the request that is expected.
func (s *serverConn) Write(p []byte) (int, error) { return s.requests.write(s.Conn, p) }
