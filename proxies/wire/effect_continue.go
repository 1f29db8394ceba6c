package wire

import "bytes"

// continueEffect puts a stray 100 Continue before the answer.
type continueEffect struct{}

func (continueEffect) Strike(s *Strike) {
	s.EditHead(func(head []byte) []byte {
		return bytes.Join([][]byte{[]byte("HTTP/1.1 100 Continue\r\n\r\n"), head}, nil)
	})
}
