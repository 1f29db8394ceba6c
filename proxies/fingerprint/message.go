package fingerprint

import (
	"bufio"
	"strings"

	"gauntlet/proxies/http1"
)

// message is a request or an answer as it came.
type message struct {
	head string // up to and including the empty line
	body string // without chunk framing, as far as it came
	err  error  // what ended it early; nil if it is whole
}

// receive takes one message. An interim answer is one of its own.
func receive(in *bufio.Reader, r *http1.Reader) message {
	m, err := http1.Receive(in, r, 0)
	return message{string(m.Head), string(m.Body), err}
}

func (m message) parsed() http1.Head { return http1.Parse(m.head) }

func (m message) start() string {
	h := m.parsed()
	return h.Start()
}

// status is the code of an answer, "" without a whole head.
func (m message) status() string {
	words := strings.Fields(m.start())
	if len(words) < 2 || http1.HeadEnd([]byte(m.head)) < 0 {
		return ""
	}
	return words[1]
}

func (m message) version() string {
	h := m.parsed()
	if v := h.Version(); v != "" {
		return v
	}
	return "?"
}

// script is the last word of a request's target.
func (m message) script() string {
	h := m.parsed()
	target, _, _ := strings.Cut(h.Target(), "?")
	return target[strings.LastIndexByte(target, '/')+1:]
}

// field is the first value of a field, whatever the case of its name.
func (m message) field(name string) (value string, has bool) {
	h := m.parsed()
	return h.Get(name), h.Has(name)
}

func (m message) says(name, word string) bool {
	v, _ := m.field(name)
	return strings.Contains(strings.ToLower(v), word)
}
