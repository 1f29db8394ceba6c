package wire

// resetEffect resets the connection: the peer gets RST, the box ECONNRESET.
type resetEffect struct{}

func (resetEffect) Strike(s *Strike) { s.Reset() }
