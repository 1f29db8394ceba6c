package wire

// staleAnswerEffect gives the connection's previous answer again.
type staleAnswerEffect struct{}

func (staleAnswerEffect) Strike(s *Strike) {
	if previous, ok := s.Previous(); ok {
		s.EditAnswer(func(Answer) Answer { return previous })
	}
}

func (staleAnswerEffect) remembers() {}
