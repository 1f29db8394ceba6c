package fault

import (
	"strconv"
	"strings"
)

// token is one word, comma or colon; word is "" at the end of the text.
type token struct {
	word string
	at   int // offset in bytes
}

// scan cuts text at blanks; commas and colons are tokens of their own, but for
// those within quotes or a URL. The last token is always the end.
func scan(text string) []token {
	var out []token
	for at := 0; at < len(text); {
		n := wordLength(text[at:])
		if n > 0 {
			out = append(out, token{text[at : at+n], at})
		}
		at += max(n, 1)
	}
	return append(out, token{"", len(text)})
}

// wordLength is the length of the token with which text begins, 0 for a blank.
func wordLength(text string) int {
	if quoted, err := strconv.QuotedPrefix(text); err == nil && text[0] == '"' {
		return len(quoted)
	}
	switch end := strings.IndexAny(text, " \t\r\n,:"); {
	case end < 0:
		return len(text)
	case end > 0 && strings.HasPrefix(text[end:], "://"):
		return urlLength(text)
	case end == 0 && (text[0] == ',' || text[0] == ':'):
		return 1
	default:
		return end
	}
}

// urlLength is the length of a URL, which a blank ends, or a comma before one.
func urlLength(text string) int {
	url, _, _ := strings.Cut(text, " ")
	return len(strings.TrimSuffix(url, ","))
}
