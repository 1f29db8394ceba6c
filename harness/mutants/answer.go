package mutants

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http/httputil"
	"strconv"
	"strings"

	"gauntlet/harness/msn/msnhttp"
)

// answer is an answer that a mutant has in its hands.
type answer struct {
	asked     []byte   // the request that it answers
	lines     []string // of the head, without line ends
	headWhole bool
	body      []byte
	whole     bool  // the body is as long as was announced
	reframed  bool  // the body is given by its length, whatever the head had said
	fatal     error // in place of the answer
}

// readAnswer takes one answer, as much as there is of it.
func readAnswer(in *bufio.Reader, asked []byte) (*answer, error) {
	a := &answer{asked: asked}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			a.lines = append(a.lines, line)
			return a, err
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			break
		}
		a.add(line)
	}
	a.headWhole = true
	err := a.readBody(in)
	a.whole = err == nil || err == io.EOF && a.field("Content-Length") == ""
	return a, err
}

// add takes a line of the head, or what an older one folds over.
func (a *answer) add(line string) {
	if last := len(a.lines) - 1; last > 0 && (line[0] == ' ' || line[0] == '\t') {
		a.lines[last] += " " + strings.TrimSpace(line)
		return
	}
	a.lines = append(a.lines, line)
}

func (a *answer) readBody(in *bufio.Reader) (err error) {
	length := a.field("Content-Length")
	switch {
	case a.status() < 200 || a.status() == 204:
	case strings.EqualFold(a.field("Transfer-Encoding"), "chunked"):
		a.reframed = true
		if a.body, err = io.ReadAll(httputil.NewChunkedReader(in)); err == nil {
			_, err = in.ReadString('\n')
		}
	case length != "":
		n, _ := strconv.Atoi(length) // a length that is none is 0
		a.body = make([]byte, n)
		n, err = io.ReadFull(in, a.body)
		a.body = a.body[:n]
	default:
		if a.body, err = io.ReadAll(in); err == nil {
			err = io.EOF
		}
	}
	return err
}

// status is that of the first line, 0 if there is none.
func (a *answer) status() int {
	words := strings.Fields(a.lines[0] + " 0 0")
	n, _ := strconv.Atoi(words[1]) // no number is no status
	return n
}

// version is the answer's, such as HTTP/1.1.
func (a *answer) version() string { return strings.Fields(a.lines[0] + " -")[0] }

// field is the value of a header field, by its name in any case.
func (a *answer) field(name string) string {
	for _, line := range a.lines[1:] {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(key, name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// set replaces a header field, or takes it out if there is no value, or adds
// it.
func (a *answer) set(name, value string) {
	var kept []string
	for i, line := range a.lines {
		key, _, _ := strings.Cut(line, ":")
		if i == 0 || !strings.EqualFold(key, name) {
			kept = append(kept, line)
		}
	}
	if value != "" {
		kept = append(kept, name+": "+value)
	}
	a.lines = kept
}

// session is what the answer says of the session; ok is false if nothing.
func (a *answer) session() (h msnhttp.SessionHeader, ok bool) {
	h, err := msnhttp.ParseSessionHeader(a.field(msnhttp.HeaderName))
	return h, err == nil
}

// setSession has the client see something else.
func (a *answer) setSession(h msnhttp.SessionHeader) { a.set(msnhttp.HeaderName, h.String()) }

// cutTo shortens the body, or makes the one that came a whole one.
func (a *answer) cutTo(n int) {
	a.body, a.whole, a.reframed = a.body[:n], true, true
}

// bytes is the answer as the client gets it.
func (a *answer) bytes() []byte {
	if !a.headWhole {
		return []byte(strings.Join(a.lines, "\r\n"))
	}
	if a.reframed && a.whole {
		a.set("Transfer-Encoding", "")
		a.set("Content-Length", fmt.Sprint(len(a.body)))
	}
	var out bytes.Buffer
	for _, line := range a.lines {
		out.WriteString(line + "\r\n")
	}
	out.WriteString("\r\n")
	out.Write(a.body)
	return out.Bytes()
}
