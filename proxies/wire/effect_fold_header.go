package wire

import "bytes"

// foldHeaderEffect lets a field's value go on in a second line.
type foldHeaderEffect struct{}

func (foldHeaderEffect) Strike(s *Strike) {
	s.EditHead(func(head []byte) []byte { return eachField(head, s.Args()[0], folded) })
}

// folded breaks a field at the first blank in its value, else before the value.
func folded(line []byte) [][]byte {
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimSpace(value)
	first, rest, found := bytes.Cut(value, []byte(" "))
	if !found {
		first, rest = nil, value
	}
	return [][]byte{bytes.Join([][]byte{name, []byte(": "), first, []byte("\r\n "), rest, []byte("\r\n")}, nil)}
}
