package redact

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// Shorter secrets than these are masked where they stand and nowhere else: "no"
// is in half of all sentences.
const (
	shortest     = 5 // bytes, of a secret that is masked wherever it occurs
	shortestEdge = 3 // bytes, of a part of one at the end or at the beginning of a body
)

// secrets are values that are masked wherever they occur.
type secrets struct {
	values   []string // the longest first
	replacer *strings.Replacer
}

func newSecrets(found map[string]bool) secrets {
	var s secrets
	for value := range found {
		if len(value) >= shortest && strings.Trim(value, "*\r\n") != "" {
			s.values = append(s.values, value)
		}
	}
	slices.SortFunc(s.values, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, value := range s.values {
		pairs = append(pairs, value, mask(value))
	}
	for _, value := range s.values { // as a reason quotes it
		if quoted := strings.Trim(strconv.Quote(value), `"`); quoted != value {
			pairs = append(pairs, quoted, mask(quoted))
		}
	}
	s.replacer = strings.NewReplacer(pairs...)
	return s
}

func (s secrets) replace(text string) string { return s.replacer.Replace(text) }

// edges masks what is left of a secret that a body's end has cut in two.
func (s secrets) edges(data []byte) []byte {
	for _, value := range s.values {
		if n := endsWithBeginning(data, []byte(value)); n > 0 {
			data = bytes.Clone(data)
			cover(data[len(data)-n:])
		}
		if n := beginsWithEnd(data, []byte(value)); n > 0 {
			data = bytes.Clone(data)
			cover(data[:n])
		}
	}
	return data
}

// endsWithBeginning is how many bytes of value, from its first on, are the last
// of data; 0 if that are too few to tell.
func endsWithBeginning(data, value []byte) int {
	tail := data[max(0, len(data)-len(value)+1):]
	for at := 0; ; at++ {
		next := bytes.Index(tail[at:], value[:shortestEdge])
		if next < 0 {
			return 0
		}
		if at += next; bytes.HasPrefix(value, tail[at:]) {
			return len(tail) - at
		}
	}
}

// beginsWithEnd is the same of value's last bytes and data's first.
func beginsWithEnd(data, value []byte) int {
	front, mark := data[:min(len(data), len(value)-1)], value[len(value)-shortestEdge:]
	for {
		at := bytes.LastIndex(front, mark)
		if at < 0 {
			return 0
		}
		if n := at + shortestEdge; bytes.HasSuffix(value, front[:n]) {
			return n
		}
		front = front[:at+shortestEdge-1]
	}
}

// partsOf are the secrets inside of one: the password that Basic credentials
// hold, the one that serves as a ticket, and the lines of a text.
func partsOf(secret string) []string {
	var parts []string
	for line := range strings.Lines(secret) {
		parts = append(parts, strings.TrimSpace(line))
	}
	if plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(secret)); err == nil {
		if _, password, found := strings.Cut(string(plain), ":"); found {
			parts = append(parts, password)
		}
	}
	if ticket, found := strings.CutPrefix(secret, "t="); found {
		password, _, _ := strings.Cut(ticket, "&")
		parts = append(parts, password)
	}
	return parts
}
