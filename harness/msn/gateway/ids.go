package gateway

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"strconv"
	"strings"
)

// issuer writes and reads SessionIDs. An id is not looked up in a list of all
// that were ever issued, which would grow for ever: it is made from the
// session's number and the answer's number by permutations under a key, so
// that it looks random (S47), never comes twice, and can be read back.
type issuer struct {
	key    uint64
	secret cipher.Block // nil: who knows the seed can compute every id
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

// newIssuer makes the issuer of a gateway that was given seed, or a secret: an
// AES key, by which ids cannot be foreseen.
func newIssuer(seed uint64, secret []byte, d Dialect) issuer {
	i := issuer{key: mix(seed), shape: shapes(d.IDShape), change: d.IDChange}
	if len(secret) > 0 {
		block, err := aes.NewCipher(secret)
		if err != nil {
			panic("gateway: Options.Secret: " + err.Error()) // of a length that is no AES key's
		}
		i.secret = block
	}
	return i
}

// scramble is the function of the permutations' rounds.
func (i issuer) scramble(n uint64) uint64 {
	if i.secret == nil {
		return mix(n)
	}
	var block [aes.BlockSize]byte
	binary.BigEndian.PutUint64(block[:], n)
	i.secret.Encrypt(block[:], block[:])
	return binary.BigEndian.Uint64(block[:])
}

// id is the id that the session's answer number seq (from 1) gives.
func (i issuer) id(session int, seq uint64) string {
	number, own := uint64(session), i.key^mix(uint64(session))
	var major, minor uint64
	switch i.change {
	case ChangesFirst:
		major, minor = i.permute(own, majorHalf, seq), i.permute(i.key, minorHalf, number)
	case ChangesNever:
		major, minor = i.permute(i.key, majorHalf, number), i.permute(own, minorHalf, 0)
	default:
		major, minor = i.permute(i.key, majorHalf, number), i.permute(own, minorHalf, seq)
	}
	return i.shape.write(major, minor)
}

// read finds out which session an id belongs to and which answer gave it, the
// latter modulo wrap. The id may still be one that was never issued.
func (i issuer) read(id string) (session int, seq, wrap uint64, ok bool) {
	major, minor := i.shape.read(id)
	if major >= majorSize || minor >= minorSize {
		return 0, 0, 0, false
	}
	if i.change == ChangesFirst {
		session = int(i.unpermute(i.key, minorHalf, minor))
		seq, wrap = i.unpermute(i.key^mix(uint64(session)), majorHalf, major), majorSize
	} else {
		session = int(i.unpermute(i.key, majorHalf, major))
		seq, wrap = i.unpermute(i.key^mix(uint64(session)), minorHalf, minor), minorSize
	}
	return session, seq, wrap, i.id(session, seq) == id
}

// permute maps the numbers of 2*half bits onto themselves: a Feistel network
// of four rounds.
func (i issuer) permute(key uint64, half uint, n uint64) uint64 {
	mask := uint64(1)<<half - 1
	left, right := n>>half&mask, n&mask
	for round := range uint64(4) {
		left, right = right, left^i.scramble(key+round<<32+right)&mask
	}
	return left<<half | right
}

// unpermute undoes permute.
func (i issuer) unpermute(key uint64, half uint, n uint64) uint64 {
	mask := uint64(1)<<half - 1
	left, right := n>>half&mask, n&mask
	for round := range uint64(4) {
		left, right = right^i.scramble(key+(3-round)<<32+left)&mask, left
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

// shape writes the two numbers of an id in one way and reads them back. What
// read makes of anything else is of no interest: its caller writes it again and
// compares.
type shape struct {
	write func(major, minor uint64) string
	read  func(id string) (major, minor uint64)
}

const (
	firstMajor = 100_000_000 // so that a decimal major has nine or ten digits, as captured ids have
	longLength = 2000        // characters of a long id
)

func shapes(s IDShape) shape {
	switch s {
	case NoDot:
		return shape{writeNoDot, readNoDot}
	case Hex:
		return shape{writeHex, readHex}
	case UUID:
		return shape{writeUUID, readUUID}
	case Long:
		return shape{writeLong, readLong}
	case Unreserved:
		return joined("", "-_~.gW", "")
	case Dots:
		return joined(".", "..", ".")
	case Reserved:
		return joined("", "&x=", "+%/?#[]")
	}
	return joined("", ".", "")
}

// joined writes both numbers in decimal with fixed text before, between and behind
// them.
func joined(before, middle, after string) shape {
	return shape{
		write: func(major, minor uint64) string {
			var room [40]byte
			out := strconv.AppendUint(append(room[:0], before...), major+firstMajor, 10)
			out = strconv.AppendUint(append(out, middle...), minor, 10)
			return string(append(out, after...))
		},
		read: func(id string) (major, minor uint64) {
			first, last, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(id, before), after), middle)
			return number(first, 10) - firstMajor, number(last, 10)
		},
	}
}

func writeNoDot(major, minor uint64) string {
	return strconv.FormatUint(major+firstMajor, 10) + padded(minor, 10, 8)
}

func readNoDot(id string) (major, minor uint64) {
	first, last := cutLast(id, 8)
	return number(first, 10) - firstMajor, number(last, 10)
}

func writeHex(major, minor uint64) string { return padded(major, 16, 8) + padded(minor, 16, 6) }

func readHex(id string) (major, minor uint64) {
	first, last := cutLast(id, 6)
	return number(first, 16), number(last, 16)
}

// writeUUID fills what the two numbers leave with digits that follow from
// them, in the form of a random UUID.
func writeUUID(major, minor uint64) string {
	fill := padded(mix(major<<24|minor), 16, 16)
	return padded(major, 16, 8) + "-" + fill[:4] + "-4" + fill[4:7] + "-a" + fill[7:10] + "-" + fill[10:16] + padded(minor, 16, 6)
}

func readUUID(id string) (major, minor uint64) {
	first, _, _ := strings.Cut(id, "-")
	_, last := cutLast(id, 6)
	return number(first, 16), number(last, 16)
}

func writeLong(major, minor uint64) string {
	out := append(strconv.AppendUint(nil, major+firstMajor, 10), '.')
	for state := major<<24 | minor; len(out) < longLength-8; {
		state = mix(state)
		out = append(out, padded(state, 16, 16)...)
	}
	return string(append(out[:longLength-8], padded(minor, 10, 8)...))
}

func readLong(id string) (major, minor uint64) {
	first, _, _ := strings.Cut(id, ".")
	_, last := cutLast(id, 8)
	return number(first, 10) - firstMajor, number(last, 10)
}

// cutLast separates the last n characters.
func cutLast(s string, n int) (first, last string) {
	at := max(len(s)-n, 0)
	return s[:at], s[at:]
}

func padded(n uint64, base, width int) string {
	s := strconv.FormatUint(n, base)
	return strings.Repeat("0", max(width-len(s), 0)) + s
}

// number is the one that s spells, or any if it spells none.
func number(s string, base int) uint64 {
	n, _ := strconv.ParseUint(s, base, 64)
	return n
}
