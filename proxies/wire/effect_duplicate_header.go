package wire

// duplicateHeaderEffect gives a field twice.
type duplicateHeaderEffect struct{}

func (duplicateHeaderEffect) Strike(s *Strike) {
	s.EditHead(func(head []byte) []byte { return twice(head, s.Args()[0]) })
}

func twice(head []byte, name string) []byte {
	return eachField(head, name, func(line []byte) [][]byte { return [][]byte{line, line} })
}
