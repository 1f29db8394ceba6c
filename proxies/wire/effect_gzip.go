package wire

import (
	"bytes"
	"compress/gzip"
)

// gzipEffect compresses the answer's body, if it has one.
type gzipEffect struct{}

func (gzipEffect) Strike(s *Strike) {
	s.EditAnswer(func(a Answer) Answer {
		plain := a.Plain()
		if len(plain) == 0 || fieldOf(a.Head, "Content-Encoding") != "" {
			return a
		}
		a = a.withPlain(zipped(plain))
		a.Head = addField(a.Head, "Content-Encoding", "gzip")
		return a
	})
}

// zipped compresses; a buffer takes all, so that nothing can fail.
func zipped(plain []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(plain)
	_ = w.Close()
	return b.Bytes()
}
