package wire

// repeatAfterDropEffect loses the answer and gives the box the request again;
// the client gets the second answer.
type repeatAfterDropEffect struct{}

func (repeatAfterDropEffect) Strike(s *Strike) { s.Repeat(Second) }
