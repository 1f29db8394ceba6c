package wire

// addHeaderEffect adds a field at the end of the answer's head.
type addHeaderEffect struct{}

func (addHeaderEffect) Strike(s *Strike) {
	s.EditHead(func(head []byte) []byte { return addField(head, s.Args()[0], s.Args()[1]) })
}
