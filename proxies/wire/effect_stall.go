package wire

// stallEffect lets nothing more flow, either way.
type stallEffect struct{}

func (stallEffect) Strike(s *Strike) { s.Stall() }
