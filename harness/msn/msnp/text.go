package msnp

import (
	"fmt"
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

// String is the command on one line, for messages to people. Parameters with
// unprintable bytes are quoted, long ones and the payload abbreviated.
func (c Command) String() string {
	words := []string{printable(c.Name)}
	for _, arg := range c.Args {
		words = append(words, printable(arg))
	}
	if c.Payload != nil {
		words = append(words, fmt.Sprintf("[%d bytes: %s]", len(c.Payload), Excerpt(c.Payload, shownPayload)))
	}
	return strings.Join(words, " ")
}

// Excerpt quotes at most n bytes of p, with an ellipsis where it was longer.
func Excerpt(p []byte, n int) string {
	if len(p) <= n {
		return strconv.Quote(string(p))
	}
	return strconv.Quote(string(p[:n])) + "…"
}

func printable(s string) string {
	if len(s) > shownArg || s == "" || !utf8.ValidString(s) || strings.ContainsFunc(s, hostile) {
		return Excerpt([]byte(s), shownArg)
	}
	return s
}

func hostile(r rune) bool { return r == '"' || r == ' ' || !unicode.IsPrint(r) }
