package report

import (
	"strings"
	"unicode/utf8"
)

// Fold breaks a text so that no line is longer than width letters, unless by one
// word: before an arrow, where there is one, else between words. The further lines
// begin with indent blanks. Without a width the text stays on one line.
func Fold(text string, width, indent int) []string {
	var lines []string
	for width > 0 && utf8.RuneCountInString(text) > width {
		at := breakIn(text, width, indent)
		if at < 0 {
			break
		}
		lines = append(lines, strings.TrimRight(text[:at], " "))
		text = strings.Repeat(" ", indent) + strings.TrimLeft(text[at:], " ")
	}
	return append(lines, text)
}

// Hang folds a text in two columns, so that the second stays one. One without columns goes
// on a little behind its beginning.
func Hang(text string, width int) []string { return Fold(text, width, secondColumn(text)) }

// secondColumn is where the second column of a text begins, or a little behind the
// beginning if there is none.
func secondColumn(text string) int {
	indent := len(text) - len(strings.TrimLeft(text, " "))
	word, rest, columns := strings.Cut(text[indent:], "  ")
	if !columns {
		return indent + 2
	}
	return indent + utf8.RuneCountInString(word) + 2 + len(rest) - len(strings.TrimLeft(rest, " "))
}

// breakIn is the place of the blank at which a text is broken, negative if it is
// one word.
func breakIn(text string, width, indent int) int {
	begins := strings.IndexFunc(text, func(r rune) bool { return r != ' ' })
	begins = max(begins, min(indent, len(text)))
	fits := len(string([]rune(text)[:width])) + 1 // with the blank behind it
	for _, before := range []string{" → ", " "} {
		if at := strings.LastIndex(text[begins:max(fits, begins)], before); at > 0 {
			return begins + at
		}
	}
	at := strings.Index(text[begins:], " ")
	if at < 0 {
		return -1
	}
	return begins + at
}
