package wire

// rejectFlowEffect has the router answer by RST what the client sends next; the
// box hears of nothing.
type rejectFlowEffect struct{}

func (rejectFlowEffect) Strike(s *Strike) { s.RejectFlow() }
