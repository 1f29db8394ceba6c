package redact

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// span is a secret's place in data.
type span struct{ from, to int }

// places are where secrets stand; the first group is the secret. Each regular
// expression is tried only where its word occurs.
var places = []place{
	// Credentials in HTTP, whatever the spelling and with folded lines. The
	// scheme is no secret.
	{"auth", regexp.MustCompile(`(?mi)^(?:proxy-)?(?:authorization|authentication-info)[ \t]*:[ \t]*(?:[a-z0-9.]+[ \t]+)?([^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)`)},
	{"cookie", regexp.MustCompile(`(?mi)^(?:set-)?cookie2?[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)`)},
	{"://", regexp.MustCompile(`://[^/\s:@]*:([^/\s@]+)@`)},
	// MSNP: signing in, by whatever method, and the tickets of switchboards.
	{"usr ", regexp.MustCompile(`(?mi)^USR +\d+ +[A-Z0-9]+ +S +([^\r\n]+)`)},
	{"usr ", regexp.MustCompile(`(?mi)^USR +\d+ +[^\s@]+@\S+ +([^\r\n]+)`)},
	{"ans ", regexp.MustCompile(`(?mi)^ANS +\d+ +[^\s@]+@\S+ +(\S+)`)},
	{" cki ", regexp.MustCompile(`(?mi)^(?:XFR|RNG) +[^\r\n]* CKI +(\S+)`)},
	{"mspauth", regexp.MustCompile(`(?mi)^MSPAuth[ \t]*:[ \t]*([^\r\n]+)`)},
	// The login services of later versions.
	{"</", regexp.MustCompile(`(?i)<[^<>/]*(?:password|securitytoken|binarysecret)[^<>]*>([^<]+)<`)},
	// What a client says of itself: settings, JSON, a query.
	{"basic ", regexp.MustCompile(`\bbasic +[^\s:"]+:([^\s"]+)`)}, // of a box
	{"login ", regexp.MustCompile(`\blogin +[^\s:"]+:([^\s"]+)`)},
	{"pass", regexp.MustCompile(`(?i)pass(?:word|wd|phrase)?["']?\s*[:=]\s*"((?:[^"\\]|\\.)*)"`)},
	{"pass", regexp.MustCompile(`(?i)pass(?:word|wd|phrase)?["']?\s*[:=]\s*([^"'\s&,;][^\s&,;]*)`)},
}

// message is the line before a message; its group is the message's length.
var message = regexp.MustCompile(`(?m)^MSG [^\r\n]* (\d+)\r?\n`)

type place struct {
	word string // in lower case; without it there is nothing to find
	form *regexp.Regexp
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
	lower := strings.ToLower(string(data))
	var spans []span
	for _, p := range m.places {
		if !strings.Contains(lower, p.word) {
			continue
		}
		for _, match := range p.form.FindAllSubmatchIndex(data, -1) {
			if match[2] < match[3] {
				spans = append(spans, span{match[2], match[3]})
			}
		}
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
