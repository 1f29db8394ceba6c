package wire

// cutEffect closes the connection for one side; the other does not notice.
type cutEffect struct{}

func (cutEffect) Strike(s *Strike) { s.cutSide(s.Args()[0], FIN) }

// cutSide ends the connection for the client or for the box.
func (s *Strike) cutSide(side, how string) {
	if side == "box" {
		s.CutBox(how)
		return
	}
	s.CutPeer(how)
}
