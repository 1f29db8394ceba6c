package wire

// lengthWrongEffect gives a Content-Length that is not the body's.
type lengthWrongEffect struct{}

func (lengthWrongEffect) Strike(s *Strike) {
	s.EditAnswer(func(a Answer) Answer {
		length := max(len(a.Plain())+s.number(0), 0)
		if length == len(a.Plain()) {
			return a
		}
		return Answer{Head: framedBy(a.Head, length), Body: a.Plain(), Then: a.Then}
	})
}
