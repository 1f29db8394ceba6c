package gateway

import "gauntlet/harness/msn/msnp"

// stream is one session's bytes from the messenger to the client. A position
// counts bytes since the session began; the stream keeps those that some valid
// id may still ask for.
type stream struct {
	base    int64  // position of kept[0]
	kept    []byte // what was not yet acknowledged
	given   int64  // where the newest answer ended
	framing msnp.Decoder
	opaque  bool // it is not MSNP, or its end has come: it may be cut anywhere
}

func newStream() stream { return stream{framing: msnp.Decoder{From: msnp.Server}} }

// append adds what the messenger has sent; p is copied.
func (s *stream) append(p []byte) {
	s.kept = append(s.kept, p...)
	if s.opaque {
		return
	}
	s.framing.Feed(p)
	for {
		_, more, err := s.framing.Next()
		if err != nil {
			s.loosen()
		}
		if err != nil || !more {
			return
		}
	}
}

// loosen lets the stream be cut between any two bytes from now on.
func (s *stream) loosen() {
	s.opaque = true
	s.framing = msnp.Decoder{}
}

// end is the position behind the last byte.
func (s *stream) end() int64 { return s.base + int64(len(s.kept)) }

// whole is the position behind the last complete command. A command that is
// cut over two bodies is lost on many clients, so by default none is.
func (s *stream) whole() int64 {
	if s.opaque {
		return s.end()
	}
	return s.end() - int64(s.framing.Buffered())
}

// slice is the bytes between two positions. They stay as they are: trimming
// and appending never write over them.
func (s *stream) slice(from, to int64) []byte {
	from, to = max(from, s.base), max(to, s.base)
	if from >= to {
		return nil
	}
	return s.kept[from-s.base : to-s.base : to-s.base]
}

// trim forgets what lies before a position.
func (s *stream) trim(to int64) {
	if n := to - s.base; n > 0 {
		s.kept, s.base = s.kept[n:], to
	}
}
