package wire

import "bytes"

// lowerCaseHeadersEffect writes the names of all fields in lower case.
type lowerCaseHeadersEffect struct{}

func (lowerCaseHeadersEffect) Strike(s *Strike) { s.EditHead(lowerNames) }

func lowerNames(head []byte) []byte {
	lines := linesOf(head)
	for i, line := range lines.fields() {
		name, rest, _ := bytes.Cut(line, []byte(":"))
		lines[i+1] = bytes.Join([][]byte{bytes.ToLower(name), rest}, []byte(":"))
	}
	return lines.bytes()
}
