package wire

import "fmt"

// chunkedEffect frames the answer's body in chunks.
type chunkedEffect struct{}

func (chunkedEffect) Strike(s *Strike) {
	s.EditAnswer(func(a Answer) Answer {
		head := dropField(dropField(a.Head, "Transfer-Encoding"), "Content-Length")
		return Answer{Head: addField(head, "Transfer-Encoding", "chunked"), Body: inChunksOf(a.Plain(), 16), Then: a.Then}
	})
}

// inChunksOf frames a body in chunks of that size, the last but one shorter.
func inChunksOf(body []byte, size int) (out []byte) {
	for len(body) > 0 {
		n := min(size, len(body))
		out = fmt.Appendf(out, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	return append(out, "0\r\n\r\n"...)
}
