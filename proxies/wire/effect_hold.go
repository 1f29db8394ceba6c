package wire

// holdEffect holds the answer back for a time.
type holdEffect struct{}

func (holdEffect) Strike(s *Strike) { s.Hold(ToPeer, s.duration(0)) }
