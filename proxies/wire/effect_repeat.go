package wire

// repeatEffect gives the box the request twice at once; the client gets the
// first answer.
type repeatEffect struct{}

func (repeatEffect) Strike(s *Strike) { s.Repeat(First) }
