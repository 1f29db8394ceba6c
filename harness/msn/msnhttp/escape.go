package msnhttp

import "strings"

const hexDigits = "0123456789ABCDEF"

// literal are the characters beside letters and digits that stand for
// themselves in the value of a query parameter: the unreserved ones, and those
// reserved ones that neither end a query nor mean something else to common
// parsers. "+" and ";" are legal and escaped all the same: form decoders read a
// space and a separator.
const literal = "-._~!$'()*,/:=?@"

// EscapeID percent-encodes what a SessionID (or any other value) must not
// carry literally into a query. Dotted numbers, UUIDs and everything from the
// unreserved set come back unchanged, without an allocation.
func EscapeID(id string) string {
	escapes := 0
	for i := 0; i < len(id); i++ {
		if !isLiteral(id[i]) {
			escapes++
		}
	}
	if escapes == 0 {
		return id
	}
	out := make([]byte, 0, len(id)+2*escapes)
	for i := 0; i < len(id); i++ {
		out = appendEscaped(out, id[i])
	}
	return string(out)
}

func appendEscaped(out []byte, c byte) []byte {
	if isLiteral(c) {
		return append(out, c)
	}
	return append(out, '%', hexDigits[c>>4], hexDigits[c&15])
}

func isLiteral(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte(literal, c) >= 0
}

// Unescape undoes percent-encoding and nothing else: "+" stays, and so does a
// "%" that no two hexadecimal digits follow. An id that was sent raw is thus
// the same id as its encoded form, unless it happens to contain an escape.
func Unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c, ok := byte(0), false
		if s[i] == '%' && i+2 < len(s) {
			c, ok = unhex(s[i+1], s[i+2])
		}
		if !ok {
			out = append(out, s[i])
			continue
		}
		out = append(out, c)
		i += 2
	}
	return string(out)
}

// unhex is the byte that two hexadecimal digits stand for.
func unhex(high, low byte) (byte, bool) {
	h, hok := nibble(high)
	l, lok := nibble(low)
	return h<<4 | l, hok && lok
}

func nibble(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
