package wire

// crossedAnswerEffect gives an answer that belongs to another connection.
type crossedAnswerEffect struct{}

func (crossedAnswerEffect) Strike(s *Strike) {
	if other, ok := s.Elsewhere(); ok {
		s.EditAnswer(func(Answer) Answer { return other })
	}
}

func (crossedAnswerEffect) remembers() {}
