package wire

// lengthMissingEffect lets the answer end with the connection.
type lengthMissingEffect struct{}

func (lengthMissingEffect) Strike(s *Strike) {
	s.EditAnswer(func(a Answer) Answer {
		head := dropField(dropField(a.Head, "Transfer-Encoding"), "Content-Length")
		return Answer{Head: head, Body: a.Plain(), Then: FIN}
	})
}
