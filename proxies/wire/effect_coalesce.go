package wire

// coalesceEffect collects the answer whole and hands it on in one piece.
type coalesceEffect struct{}

func (coalesceEffect) Strike(s *Strike) {
	s.EditAnswer(func(a Answer) Answer { return a })
	s.Hold(ToPeer, s.duration(0))
}
