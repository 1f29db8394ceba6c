package wire

// loseFlowEffect has the router lose what is sent to one side, for ever or for a
// time; then TCP itself repeats it.
type loseFlowEffect struct{}

func (loseFlowEffect) Strike(s *Strike) {
	d := ToPeer
	if s.after("to") == "box" {
		d = ToBox
	}
	s.LoseFlow(d, s.durationAfter("for"))
}
