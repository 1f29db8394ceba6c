package wire

// cachedEffect answers from what was answered to a request of the same kind.
type cachedEffect struct{}

func (cachedEffect) Strike(s *Strike) {
	if a, ok := s.Alike(); ok {
		s.Instead(a)
	}
}

func (cachedEffect) remembers() {}
