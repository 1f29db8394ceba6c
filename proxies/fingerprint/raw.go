package fingerprint

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
)

// message is a request or an answer as it came.
type message struct {
	head string // up to and including the empty line
	body string // without chunk framing, as far as it came
	err  error  // what ended it early; nil if it is whole
}

func (m message) start() string {
	line, _, _ := strings.Cut(m.head, "\r\n")
	return line
}

// status is the code of an answer, "" without a whole head.
func (m message) status() string {
	words := strings.Fields(m.start())
	if len(words) < 2 || !strings.HasSuffix(m.head, "\r\n\r\n") {
		return ""
	}
	return words[1]
}

func (m message) version() string {
	for word := range strings.FieldsSeq(m.start()) {
		if strings.HasPrefix(word, "HTTP/") {
			return word
		}
	}
	return "?"
}

// script is the last word of a request's target.
func (m message) script() string {
	words := strings.Fields(m.start())
	target, _, _ := strings.Cut(words[min(1, len(words)-1)], "?")
	return target[strings.LastIndexByte(target, '/')+1:]
}

// fields are the lines of the head after the first, as name and value.
func (m message) fields() [][2]string {
	var all [][2]string
	_, rest, _ := strings.Cut(m.head, "\r\n")
	for line := range strings.SplitSeq(strings.TrimRight(rest, "\r\n"), "\r\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			all = append(all, [2]string{name, strings.TrimSpace(value)})
		}
	}
	return all
}

// field is the first value of a field, whatever the case of its name.
func (m message) field(name string) (string, bool) {
	for _, f := range m.fields() {
		if strings.EqualFold(f[0], name) {
			return f[1], true
		}
	}
	return "", false
}

func (m message) says(name, word string) bool {
	v, _ := m.field(name)
	return strings.Contains(strings.ToLower(v), word)
}

// read takes one message; toTheEnd says that a body without a length ends with
// the connection, as an answer's does.
func read(in *bufio.Reader, toTheEnd bool) message {
	m := message{}
	if m.head, m.err = readHead(in); m.err != nil {
		return m
	}
	var body []byte
	length, sized := m.field("Content-Length")
	switch {
	case strings.HasPrefix(m.status(), "1"): // an interim answer
	case m.says("Transfer-Encoding", "chunked"):
		body, m.err = readChunks(in)
	case sized:
		n, _ := strconv.Atoi(length)
		body, m.err = readBytes(in, n)
	case toTheEnd:
		body, m.err = io.ReadAll(in)
	}
	m.body = string(body)
	return m
}

func readHead(in *bufio.Reader) (string, error) {
	var head strings.Builder
	for {
		line, err := in.ReadString('\n')
		head.WriteString(line)
		if err != nil || line == "\r\n" {
			return head.String(), err
		}
	}
}

func readBytes(in io.Reader, n int) ([]byte, error) {
	b := make([]byte, n)
	got, err := io.ReadFull(in, b)
	return b[:got], err
}

func readChunks(in *bufio.Reader) ([]byte, error) {
	var body []byte
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return body, err
		}
		n, err := strconv.ParseInt(strings.TrimSpace(line), 16, 32)
		if err != nil {
			return body, errors.New("not a chunk: " + line)
		}
		chunk, err := readBytes(in, int(n)+2)
		body = append(body, chunk[:min(len(chunk), int(n))]...)
		if err != nil || n == 0 {
			return body, err
		}
	}
}
