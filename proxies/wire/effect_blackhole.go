package wire

// blackholeEffect swallows whatever either side sends.
type blackholeEffect struct{}

func (blackholeEffect) Strike(s *Strike) { s.Blackhole() }
