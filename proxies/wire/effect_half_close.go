package wire

// halfCloseEffect gives the client FIN; what it sends still reaches the box.
type halfCloseEffect struct{}

func (halfCloseEffect) Strike(s *Strike) { s.HalfClose() }
