package wire

import (
	"bytes"
	"strings"
)

// remembering marks the effects that give an earlier answer again.
type remembering interface{ remembers() }

// memory is the answers that were given at a hop, as far as effects can ask
// for them. The Tap's lock guards it.
type memory struct {
	wanted bool              // some fault of the hop can ask
	kinds  map[string]Answer // the newest by the labels of the request
	recent [2]given          // the newest, and the newest of another connection
}

// given is an answer and where it was given.
type given struct {
	conn   int
	answer Answer
}

// remember keeps a complete answer that the peer is about to have whole.
func (c *conn) remember(ex *exchange) {
	if !c.tap.memory.wanted || ex.ghost || c.out.bodySize > len(c.out.body) {
		return
	}
	a := Answer{Head: bytes.Clone(c.out.head), Body: bytes.Clone(c.out.body)}
	if length, isChunked := framing(a.Head); isChunked {
		a.Body = inChunksOf(a.Body, len(a.Body))
	} else if length < 0 {
		a.Then = FIN
	}
	c.before = &a
	c.tap.remember(kindOf(ex), given{c.id, a})
}

func (t *Tap) remember(kind string, g given) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.memory.kinds[kind] = g.answer
	if t.memory.recent[0].conn != g.conn {
		t.memory.recent[1] = t.memory.recent[0]
	}
	t.memory.recent[0] = g
}

// kindOf is what makes two requests alike: their labels, or else the request
// line.
func kindOf(ex *exchange) string {
	if len(ex.labels) > 0 {
		return strings.Join(ex.labels, " ")
	}
	line, _, _ := bytes.Cut(ex.head, []byte("\r\n"))
	return string(line)
}

// Previous is the answer that the connection gave last.
func (s *Strike) Previous() (a Answer, ok bool) {
	s.locked(func(c *conn) {
		if c.before != nil {
			a, ok = *c.before, true
		}
	})
	return a, ok
}

// Elsewhere is the newest answer of another connection of the hop.
func (s *Strike) Elsewhere() (Answer, bool) {
	s.tap.mu.Lock()
	defer s.tap.mu.Unlock()
	for _, g := range s.tap.memory.recent {
		if g.conn != 0 && g.conn != s.id {
			return g.answer, true
		}
	}
	return Answer{}, false
}

// Alike is the newest answer of the hop to a request of the same kind.
func (s *Strike) Alike() (Answer, bool) {
	if s.exchange == nil {
		return Answer{}, false
	}
	s.tap.mu.Lock()
	defer s.tap.mu.Unlock()
	a, ok := s.tap.memory.kinds[kindOf(s.exchange)]
	return a, ok
}
