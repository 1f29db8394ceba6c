package http1

// chunkPart is where in a chunked body a Reader stands.
type chunkPart uint8

const (
	chunkSize      chunkPart = iota // in the digits of a chunk's size
	chunkExtension                  // behind them, up to the line end
	chunkData                       // size bytes of the chunk are to come
	chunkEnd                        // in the line end after a chunk
	chunkTrailer                    // in the lines after the last chunk
)

// chunk is the state within a chunked body.
type chunk struct {
	part   chunkPart
	size   int64
	digits bool // the size has some
	filled bool // the trailer line at hand is not empty; behind a chunk: CR has come
}

// maxChunk bounds the size of a chunk: what goes beyond is no size.
const maxChunk = 1 << 58

// takeChunks follows a chunked body up to where bytes of another kind begin.
func (r *Reader) takeChunks(data []byte) (int, Part, Mark) {
	if r.chunk.part == chunkData {
		n := int(min(r.chunk.size, int64(len(data))))
		if r.chunk.size -= int64(n); r.chunk.size == 0 {
			r.chunk = chunk{part: chunkEnd}
		}
		return n, Body, 0
	}
	for i, c := range data {
		if m := r.chunkByte(c); m != 0 || r.chunk.part == chunkData {
			return i + 1, Frame, m
		}
	}
	return len(data), Frame, 0
}

// chunkByte takes a byte that is not of the body.
func (r *Reader) chunkByte(c byte) Mark {
	switch k := &r.chunk; k.part {
	case chunkSize:
		return r.sizeByte(c)
	case chunkExtension:
		if c == '\n' {
			k.begin()
		}
	case chunkEnd:
		return r.endByte(c)
	case chunkTrailer:
		return r.trailerByte(c)
	}
	return 0
}

// begin turns to what the size announces.
func (k *chunk) begin() {
	*k = chunk{part: chunkData, size: k.size}
	if k.size == 0 {
		k.part = chunkTrailer
	}
}

func (r *Reader) sizeByte(c byte) Mark {
	k := &r.chunk
	digit := hexDigit(c)
	switch {
	case digit >= 0 && k.size < maxChunk:
		k.size, k.digits = k.size<<4|int64(digit), true
		return 0
	case digit >= 0 || !k.digits:
		return r.lose(errChunk)
	}
	switch c {
	case '\n':
		k.begin()
	case ';', ' ', '\t', '\r':
		k.part = chunkExtension
	default:
		return r.lose(errChunk)
	}
	return 0
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

func (r *Reader) endByte(c byte) Mark {
	switch {
	case c == '\n':
		r.chunk = chunk{}
	case c == '\r' && !r.chunk.filled:
		r.chunk.filled = true
	default:
		return r.lose(errChunk)
	}
	return 0
}

// trailerByte follows the trailer, which ends with an empty line.
func (r *Reader) trailerByte(c byte) Mark {
	switch {
	case c == '\r':
	case c != '\n':
		r.chunk.filled = true
	case r.chunk.filled:
		r.chunk.filled = false
	default:
		r.state = Between
		return Done
	}
	return 0
}

// Unchunk is a chunked body without its framing, as far as it can be read.
func Unchunk(body []byte) (plain []byte) {
	r := Reader{state: InChunks}
	for len(body) > 0 && r.state == InChunks {
		n, part, _ := r.Next(body)
		if part == Body {
			plain = append(plain, body[:n]...)
		}
		body = body[n:]
	}
	return plain
}
