package gateway

// issuer writes and reads SessionIDs. An id is not looked up in a list of all
// that were ever issued, which would grow for ever: it is made from the
// session's number and the answer's number by permutations under a key, so
// that it looks random (S47), never comes twice, and can be read back.
type issuer struct {
	key    uint64
	shape  shape
	change IDChange
}

// An id consists of two numbers below these bounds.
const (
	majorHalf = 15 // bits; the major part has 30
	minorHalf = 12 // bits; the minor part has 24
	minorSize = 1 << (2 * minorHalf)
	majorSize = 1 << (2 * majorHalf)
)

// newIssuer makes the issuer of a gateway that was given seed.
func newIssuer(seed uint64, d Dialect) issuer {
	return issuer{key: mix(seed), shape: shapes(d.IDShape), change: d.IDChange}
}

// id is the id that the session's answer number seq (from 1) gives.
func (i issuer) id(session int, seq uint64) string {
	number, own := uint64(session), i.key^mix(uint64(session))
	var major, minor uint64
	switch i.change {
	case ChangesFirst:
		major, minor = permute(own, majorHalf, seq), permute(i.key, minorHalf, number)
	case ChangesNever:
		major, minor = permute(i.key, majorHalf, number), permute(own, minorHalf, 0)
	default:
		major, minor = permute(i.key, majorHalf, number), permute(own, minorHalf, seq)
	}
	return i.shape.write(major, minor)
}

// read finds out which session an id belongs to and which answer gave it, the
// latter modulo wrap. The id may still be one that was never issued.
func (i issuer) read(id string) (session int, seq, wrap uint64, ok bool) {
	major, minor, ok := i.shape.read(id)
	if !ok || major >= majorSize || minor >= minorSize {
		return 0, 0, 0, false
	}
	if i.change == ChangesFirst {
		session = int(unpermute(i.key, minorHalf, minor))
		seq, wrap = unpermute(i.key^mix(uint64(session)), majorHalf, major), majorSize
	} else {
		session = int(unpermute(i.key, majorHalf, major))
		seq, wrap = unpermute(i.key^mix(uint64(session)), minorHalf, minor), minorSize
	}
	return session, seq, wrap, i.id(session, seq) == id
}

// permute maps the numbers of 2*half bits onto themselves: a Feistel network
// of four rounds.
func permute(key uint64, half uint, n uint64) uint64 {
	mask := uint64(1)<<half - 1
	left, right := n>>half&mask, n&mask
	for round := range uint64(4) {
		left, right = right, left^mix(key+round<<32+right)&mask
	}
	return left<<half | right
}

// unpermute undoes permute.
func unpermute(key uint64, half uint, n uint64) uint64 {
	mask := uint64(1)<<half - 1
	left, right := n>>half&mask, n&mask
	for round := range uint64(4) {
		left, right = right^mix(key+(3-round)<<32+left)&mask, left
	}
	return left<<half | right
}

// mix scrambles 64 bits (the finaliser of SplitMix64).
func mix(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}
