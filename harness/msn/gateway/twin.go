package gateway

import "bytes"

// twin compares a request with the one before it on its connection, byte by
// byte as it comes: a box that repeats a request upstream may do so before the
// first is answered, and that is a duplicate, not an overlap. Until it differs
// nobody can tell which of the two it will be.
type twin struct {
	before, now []byte
	differs     bool
}

// enoughTwin bounds the request that is remembered, in bytes. A longer one has
// no twin.
const enoughTwin = 64 << 10

// begins makes ready for the next request.
func (t *twin) begins() {
	t.before, t.now = t.now, t.before[:0]
	t.differs = len(t.before) == 0
}

// comes takes more of the request at hand.
func (t *twin) comes(piece []byte) {
	at := len(t.now)
	t.differs = t.differs || !bytes.HasPrefix(t.before[min(at, len(t.before)):], piece)
	if at+len(piece) > enoughTwin {
		t.forget()
		return
	}
	t.now = append(t.now, piece...)
}

// forget gives up what cannot be followed or is too long.
func (t *twin) forget() { t.now, t.differs = t.now[:0], true }
