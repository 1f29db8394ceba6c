package wire

// refuseEffect turns an attempt to connect away.
type refuseEffect struct{}

func (refuseEffect) Strike(s *Strike) { s.Refuse() }
