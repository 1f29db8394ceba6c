package wire

import "slices"

// reorderHeadersEffect gives the fields in reverse order.
type reorderHeadersEffect struct{}

func (reorderHeadersEffect) Strike(s *Strike) {
	s.EditHead(func(head []byte) []byte {
		lines := linesOf(head)
		slices.Reverse(lines.fields())
		return lines.bytes()
	})
}
