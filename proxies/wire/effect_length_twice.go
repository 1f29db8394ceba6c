package wire

// lengthTwiceEffect gives Content-Length twice.
type lengthTwiceEffect struct{}

func (lengthTwiceEffect) Strike(s *Strike) {
	s.EditHead(func(head []byte) []byte { return twice(head, "Content-Length") })
}
