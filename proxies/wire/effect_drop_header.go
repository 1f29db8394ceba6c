package wire

// dropHeaderEffect leaves a field out of the answer's head.
type dropHeaderEffect struct{}

func (dropHeaderEffect) Strike(s *Strike) {
	s.EditHead(func(head []byte) []byte { return dropField(head, s.Args()[0]) })
}
