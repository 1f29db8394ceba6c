package fault

import "strings"

// token is one word, comma or colon; word is "" at the end of the text.
type token struct {
	word string
	at   int // offset in bytes
}

// scan cuts text at blanks; commas and colons are tokens of their own. The
// last token is always the end.
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
	switch end := strings.IndexAny(text, " \t\r\n,:"); {
	case end < 0:
		return len(text)
	case end == 0 && (text[0] == ',' || text[0] == ':'):
		return 1
	default:
		return end
	}
}
