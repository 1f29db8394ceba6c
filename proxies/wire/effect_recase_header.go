package wire

import "bytes"

// recaseHeaderEffect spells a field's name as the fault does.
type recaseHeaderEffect struct{}

func (recaseHeaderEffect) Strike(s *Strike) {
	name := s.Args()[0]
	s.EditHead(func(head []byte) []byte {
		return eachField(head, name, func(line []byte) [][]byte {
			_, value, _ := bytes.Cut(line, []byte(":"))
			return [][]byte{append([]byte(name+":"), value...)}
		})
	})
}
