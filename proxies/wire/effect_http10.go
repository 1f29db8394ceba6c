package wire

import (
	"bytes"
	"strings"
)

// http10Effect makes the answer one of HTTP/1.0.
type http10Effect struct{}

func (http10Effect) Strike(s *Strike) {
	asked := s.asksToKeep()
	s.EditAnswer(func(a Answer) Answer { return downgraded(a, asked) })
}

// downgraded has no chunks and says by name that the connection is kept; else
// it ends.
func downgraded(a Answer, kept bool) Answer {
	if !bytes.HasPrefix(a.Head, []byte("HTTP/1.1 ")) {
		return a
	}
	a = a.withPlain(a.Plain())
	a.Head = append([]byte("HTTP/1.0"), a.Head[len("HTTP/1.1"):]...)
	kept = kept && a.Then == "" && !strings.EqualFold(fieldOf(a.Head, "Connection"), "close")
	a.Head = dropField(a.Head, "Connection")
	if !kept {
		a.Then = FIN
		return a
	}
	a.Head = addField(a.Head, "Connection", "keep-alive")
	return a
}

// asksToKeep reports whether the request asks by name for its connection to be
// kept.
func (s *Strike) asksToKeep() (asks bool) {
	s.locked(func(*conn) {
		for _, name := range []string{"Connection", "Proxy-Connection"} {
			asks = asks || s.exchange != nil && strings.EqualFold(fieldOf(s.exchange.head, name), "keep-alive")
		}
	})
	return asks
}
