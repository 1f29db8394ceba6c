package wire

// stallEffect lets nothing more flow, either way, for ever or for a time.
type stallEffect struct{}

func (stallEffect) Strike(s *Strike) {
	if len(s.Args()) == 0 {
		s.Stall()
		return
	}
	s.Hold(ToBox, s.durationAfter("for"))
	s.Hold(ToPeer, s.durationAfter("for"))
}
