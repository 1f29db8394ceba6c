package msnp

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest pieces of a command that String shows, in bytes.
const (
	shownArg     = 120
	shownPayload = 48
)

// excerpt quotes at most n bytes of p, with an ellipsis where it was longer.
func excerpt(p []byte, n int) string {
	if len(p) <= n {
		return strconv.Quote(string(p))
	}
	return strconv.Quote(string(p[:n])) + "…"
}

func printable(s string) string {
	if len(s) > shownArg || s == "" || !utf8.ValidString(s) || strings.ContainsFunc(s, hostile) {
		return excerpt([]byte(s), shownArg)
	}
	return s
}

func hostile(r rune) bool { return r == '"' || r == ' ' || !unicode.IsPrint(r) }
