package wire

// closeEffect ends the connection: the peer gets FIN, the box sees its end.
type closeEffect struct{}

func (closeEffect) Strike(s *Strike) { s.Close() }
