package wire

import "bytes"

// chunkPart is where in a chunked body a stream stands.
type chunkPart uint8

const (
	chunkSize    chunkPart = iota // in the line with a chunk's size
	chunkData                     // left bytes of the chunk are to come
	chunkEnd                      // in the line end after a chunk
	chunkTrailer                  // in the lines after the last chunk
)

// chunks is the state within a chunked body.
type chunks struct {
	part   chunkPart
	size   int64
	digits int  // of the size read so far
	past   bool // the size is over: in an extension
	filled bool // the trailer line at hand is not empty
}

// takeChunks follows a chunked body, one part at a time.
func (s *stream) takeChunks(data []byte) (used int, m mark) {
	for used < len(data) && m == 0 {
		var n int
		switch rest := data[used:]; s.chunks.part {
		case chunkSize:
			n, m = 1, s.sizeByte(rest[0])
		case chunkData:
			n = s.takeChunk(rest)
		case chunkEnd:
			n, m = 1, s.endByte(rest[0])
		case chunkTrailer:
			n, m = 1, s.trailerByte(rest[0])
		}
		used += n
	}
	return used, m
}

func (s *stream) sizeByte(c byte) mark {
	k := &s.chunks
	digit := bytes.IndexByte([]byte("0123456789abcdef"), c|0x20)
	switch {
	case c == '\n' && k.digits == 0:
		return s.giveUp()
	case c == '\n':
		*k = chunks{part: chunkData, size: k.size}
		if k.size == 0 {
			k.part = chunkTrailer
		}
	case k.past:
	case digit < 0 || c < '0':
		k.past = true
	case k.digits == 15:
		return s.giveUp()
	default:
		k.size, k.digits = k.size<<4|int64(digit), k.digits+1
	}
	return 0
}

func (s *stream) takeChunk(data []byte) int {
	n := int(min(s.chunks.size, int64(len(data))))
	s.keep(data[:n])
	if s.chunks.size -= int64(n); s.chunks.size == 0 {
		s.chunks.part = chunkEnd
	}
	return n
}

func (s *stream) endByte(c byte) mark {
	switch c {
	case '\n':
		s.chunks = chunks{}
	case '\r':
	default:
		return s.giveUp()
	}
	return 0
}

func (s *stream) trailerByte(c byte) mark {
	switch {
	case c == '\r':
	case c != '\n':
		s.chunks.filled = true
	case s.chunks.filled:
		s.chunks.filled = false
	default:
		s.phase = between
		return done
	}
	return 0
}
