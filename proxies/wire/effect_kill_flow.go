package wire

// killFlowEffect has the kernel end the connection: the client gets RST.
type killFlowEffect struct{}

func (killFlowEffect) Strike(s *Strike) { s.KillFlow() }
