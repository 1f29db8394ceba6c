package gateway

import (
	"strconv"
	"strings"
)

// shape writes the two numbers of an id in one way and reads them back. read
// may accept more than write produces: its caller compares.
type shape struct {
	write func(major, minor uint64) string
	read  func(id string) (major, minor uint64, ok bool)
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
	case Reserved:
		return joined("", "&x=", "+%/?#[]")
	}
	return joined("", ".", "")
}

// joined writes both numbers in decimal with fixed text around them.
func joined(before, middle, after string) shape {
	return shape{
		write: func(major, minor uint64) string {
			var room [40]byte
			out := strconv.AppendUint(append(room[:0], before...), major+firstMajor, 10)
			out = strconv.AppendUint(append(out, middle...), minor, 10)
			return string(append(out, after...))
		},
		read: func(id string) (major, minor uint64, ok bool) {
			id, headed := strings.CutPrefix(id, before)
			id, tailed := strings.CutSuffix(id, after)
			first, last, found := strings.Cut(id, middle)
			major, majorOK := number(first, 10)
			minor, minorOK := number(last, 10)
			return major - firstMajor, minor, headed && tailed && found && majorOK && minorOK
		},
	}
}

func writeNoDot(major, minor uint64) string {
	return strconv.FormatUint(major+firstMajor, 10) + padded(minor, 10, 8)
}

func readNoDot(id string) (major, minor uint64, ok bool) {
	first, last := cutLast(id, 8)
	major, majorOK := number(first, 10)
	minor, minorOK := number(last, 10)
	return major - firstMajor, minor, majorOK && minorOK
}

func writeHex(major, minor uint64) string { return padded(major, 16, 8) + padded(minor, 16, 6) }

func readHex(id string) (major, minor uint64, ok bool) {
	first, last := cutLast(id, 6)
	major, majorOK := number(first, 16)
	minor, minorOK := number(last, 16)
	return major, minor, majorOK && minorOK
}

// writeUUID fills what the two numbers leave with digits that follow from
// them, in the form of a random UUID.
func writeUUID(major, minor uint64) string {
	fill := padded(mix(major<<24|minor), 16, 16)
	return padded(major, 16, 8) + "-" + fill[:4] + "-4" + fill[4:7] + "-a" + fill[7:10] + "-" + fill[10:16] + padded(minor, 16, 6)
}

func readUUID(id string) (major, minor uint64, ok bool) {
	if len(id) != 36 {
		return 0, 0, false
	}
	major, majorOK := number(id[:8], 16)
	minor, minorOK := number(id[30:], 16)
	return major, minor, majorOK && minorOK
}

func writeLong(major, minor uint64) string {
	out := make([]byte, 0, longLength+16)
	out = append(strconv.AppendUint(out, major+firstMajor, 10), '.')
	for state := major<<24 | minor; len(out) < longLength-8; {
		state = mix(state)
		out = append(out, padded(state, 16, 16)...)
	}
	return string(append(out[:longLength-8], padded(minor, 10, 8)...))
}

func readLong(id string) (major, minor uint64, ok bool) {
	if len(id) != longLength {
		return 0, 0, false
	}
	first, rest, found := strings.Cut(id, ".")
	_, last := cutLast(rest, 8)
	major, majorOK := number(first, 10)
	minor, minorOK := number(last, 10)
	return major - firstMajor, minor, found && majorOK && minorOK
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

func number(s string, base int) (uint64, bool) {
	n, err := strconv.ParseUint(s, base, 64)
	return n, err == nil
}
