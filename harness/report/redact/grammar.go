package redact

import (
	"bytes"
	"regexp"
	"strconv"
)

// span is a secret's place in data.
type span struct{ from, to int }

// places are where secrets stand; the first group of a form is the secret.
var places = []place{
	// Credentials in HTTP, whatever the spelling and with folded lines. The
	// scheme is no secret.
	{"auth", theLine, regexp.MustCompile(`(?i)^(?:proxy-)?(?:authorization|authentication-info)[ \t]*:[ \t]*(?:[a-z0-9.]+[ \t]+)?([^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)`)},
	{"cookie", theLine, regexp.MustCompile(`(?i)^(?:set-)?cookie2?[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)`)},
	{"://", theWord, regexp.MustCompile(`^://[^/\s:@]*:([^/\s@]+)@`)},
	// MSNP: signing in, by whatever method, and the tickets of switchboards.
	{"usr ", theLine, regexp.MustCompile(`(?i)^USR +\d+ +[A-Z0-9]+ +S +([^\r\n]+)`)},
	{"usr ", theLine, regexp.MustCompile(`(?i)^USR +\d+ +[^\s@]+@\S+ +([^\r\n]+)`)},
	{"ans ", theLine, regexp.MustCompile(`(?i)^ANS +\d+ +[^\s@]+@\S+ +(\S+)`)},
	{" cki ", theLine, regexp.MustCompile(`(?i)^(?:XFR|RNG) +[^\r\n]* CKI +(\S+)`)},
	{"mspauth", theLine, regexp.MustCompile(`(?i)^MSPAuth[ \t]*:[ \t]*([^\r\n]+)`)},
	// The login services of later versions.
	{"</", anywhere, regexp.MustCompile(`(?i)<[^<>/]*(?:password|securitytoken|binarysecret)[^<>]*>([^<]+)<`)},
	// What a client says of itself: settings, JSON, a query.
	{"basic ", anywhere, regexp.MustCompile(`\bbasic +[^\s:"]+:([^\s"]+)`)}, // of a box
	{"login ", anywhere, regexp.MustCompile(`\blogin +[^\s:"]+:([^\s"]+)`)},
	{"pass", theWord, regexp.MustCompile(`(?i)^pass(?:word|wd|phrase)?["']?\s*[:=]\s*"((?:[^"\\]|\\.)*)"`)},
	{"pass", theWord, regexp.MustCompile(`(?i)^pass(?:word|wd|phrase)?["']?\s*[:=]\s*([^"'\s&,;][^\s&,;]*)`)},
}

// message is the line before a message; its group is the message's length.
var message = regexp.MustCompile(`(?m)^MSG [^\r\n]* (\d+)\r?\n`)

// place is a form that is tried only where its word is found, and begins with that word
// or with its line: to try it at every byte costs a hundred times as much.
type place struct {
	word   string // in lower case; without it there is nothing to find
	begins beginning
	form   *regexp.Regexp
}

// beginning is where a form begins.
type beginning int

const (
	anywhere beginning = iota
	theWord
	theLine // that the word is in
)

// in returns the secrets in data; lower is the same in lower case.
func (p place) in(data, lower []byte) (spans []span) {
	word := []byte(p.word)
	if p.begins == anywhere {
		if bytes.Contains(lower, word) {
			for _, match := range p.form.FindAllSubmatchIndex(data, -1) {
				spans = withSecret(spans, 0, match)
			}
		}
		return spans
	}
	for at := 0; ; { // as far as data has been looked at
		next := bytes.Index(lower[at:], word)
		if next < 0 {
			return spans
		}
		from, after := at+next, at+next+len(word)
		fresh := true
		if p.begins == theLine {
			from = at + bytes.LastIndexByte(data[at:from], '\n') + 1
			fresh = from > at || at == 0 || data[at-1] == '\n' // else the line has been looked at
		}
		if fresh {
			if match := p.form.FindSubmatchIndex(data[from:]); match != nil {
				spans, after = withSecret(spans, from, match), from+match[1]
			}
		}
		at = after
	}
}

// withSecret adds the secret of a match in what begins at from, unless it is empty.
func withSecret(spans []span, from int, match []int) []span {
	if match[2] < match[3] {
		spans = append(spans, span{from + match[2], from + match[3]})
	}
	return spans
}

// lowered is data with A to Z in lower case, and of the same length whatever is in it.
func lowered(data []byte) []byte {
	lower := bytes.Clone(data)
	for i, b := range lower {
		if 'A' <= b && b <= 'Z' {
			lower[i] = b + 'a' - 'A'
		}
	}
	return lower
}

// spans are the places of the secrets in data. To find them is most of what masking costs.
func (m *masker) spans(data []byte) []span {
	spans, seen := m.found[string(data)]
	if !seen {
		spans = m.look(data)
		m.found[string(data)] = spans
	}
	return spans
}

func (m *masker) look(data []byte) []span {
	lower := lowered(data)
	var spans []span
	for _, p := range places {
		spans = append(spans, p.in(data, lower)...)
	}
	spans = append(spans, socksPassword(data)...)
	if m.options.Text {
		spans = append(spans, m.messageTexts(data)...)
	}
	return spans
}

// socksPassword is the one in a SOCKS 5 login (RFC 1929), alone or after the
// greeting: version 1, user, password, each after its length.
func socksPassword(data []byte) []span {
	at := 0
	if len(data) > 1 && data[0] == 5 {
		at = 2 + int(data[1])
	}
	if len(data) < at+2 || data[at] != 1 {
		return nil
	}
	from := at + 2 + int(data[at+1]) + 1
	if len(data) < from {
		return nil
	}
	to := from + int(data[from-1])
	if len(data) < to || data[from-1] == 0 {
		return nil
	}
	return []span{{from, to}}
}

// messageTexts are what follows the heads of messages that people typed. One
// that was cut off ends with the data.
func (m *masker) messageTexts(data []byte) []span {
	var spans []span
	for _, match := range message.FindAllSubmatchIndex(data, -1) {
		size, err := strconv.Atoi(string(data[match[2]:match[3]]))
		if err != nil {
			continue // no length of anything
		}
		payload := data[match[1]:min(len(data), match[1]+min(size, len(data)))]
		head, _, found := bytes.Cut(payload, []byte("\r\n\r\n"))
		if found && bytes.Contains(bytes.ToLower(head), []byte("text/plain")) {
			from := match[1] + len(head) + len("\r\n\r\n")
			if to := match[1] + len(payload); from < to {
				spans = append(spans, span{from, to})
			}
		}
	}
	return spans
}
