package wire

// truncateEffect lets the head arrive unchanged, then a part of the body, then
// FIN.
type truncateEffect struct{}

func (truncateEffect) Strike(s *Strike) {
	s.EditAnswer(func(a Answer) Answer {
		n := s.number(0)
		if n >= len(a.Body) {
			return a
		}
		return Answer{Head: a.Head, Body: a.Body[:n], Then: FIN}
	})
}
