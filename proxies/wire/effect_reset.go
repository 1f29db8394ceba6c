package wire

// resetEffect resets the connection: the peer gets RST, the box ECONNRESET. With
// a side, only that one notices.
type resetEffect struct{}

func (resetEffect) Strike(s *Strike) {
	if len(s.Args()) == 0 {
		s.Reset()
		return
	}
	s.cutSide(s.Args()[0], RST)
}
