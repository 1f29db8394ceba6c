package probe

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"strings"
	"time"

	"gauntlet/harness/msn/msnhttp"
)

// conn is one connection to the gateway: bytes out, answers in.
type conn struct {
	net.Conn
	in       *bufio.Reader
	patience time.Duration
}

// answer is one answer, its head as it came.
type answer struct {
	status  int
	line    string
	fields  []string // "Name: value", in order
	body    []byte
	chunked bool
	length  int // as the head says it; -1 = it does not
	session msnhttp.SessionHeader
	header  string // the field's line; "" = it is not there
}

// value is the value of a field, whatever the case of its name.
func (a answer) value(name string) (value, line string) {
	for _, f := range a.fields {
		if n, v, ok := strings.Cut(f, ":"); ok && strings.EqualFold(strings.TrimSpace(n), name) {
			return strings.TrimSpace(v), f
		}
	}
	return "", ""
}

// closes tells whether the connection is not to be used again.
func (a answer) closes() bool {
	v, _ := a.value("Connection")
	return strings.EqualFold(v, "close") || strings.HasPrefix(a.line, "HTTP/1.0") && !strings.EqualFold(v, "keep-alive")
}

// What is read of an answer at most; beyond it the gateway floods.
const (
	largest     = 1 << 20 // bytes of a body
	longestLine = 64 << 10
	mostFields  = 1000
)

// receive reads one answer; interim ones are skipped.
func (c *conn) receive() (answer, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.patience)); err != nil {
		return answer{}, err
	}
	for {
		a, err := c.head()
		if err != nil {
			return a, explain(err)
		}
		if a.status/100 == 1 {
			continue
		}
		err = c.rest(&a)
		return a, explain(err)
	}
}

func (c *conn) head() (answer, error) {
	a := answer{length: -1}
	line, err := c.line()
	if err != nil {
		return a, err
	}
	a.line = line
	parts := strings.SplitN(line, " ", 3)
	if len(parts) < 2 || !strings.HasPrefix(parts[0], "HTTP/") {
		return a, fmt.Errorf("no HTTP answer but %q", clip(line))
	}
	if a.status, err = strconv.Atoi(parts[1]); err != nil {
		return a, fmt.Errorf("no status in %q", clip(line))
	}
	for len(a.fields) < mostFields {
		if line, err = c.line(); err != nil || line == "" {
			a.take()
			return a, err
		}
		a.fields = append(a.fields, line)
	}
	return a, fmt.Errorf("an answer with more than %d fields", mostFields)
}

// line reads one line of a head.
func (c *conn) line() (string, error) {
	text, err := c.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", fmt.Errorf("a line of more than %d bytes in an answer's head", longestLine)
	}
	return strings.TrimRight(string(text), "\r\n"), err
}

// take reads what the fields say.
func (a *answer) take() {
	coding, _ := a.value("Transfer-Encoding")
	a.chunked = strings.EqualFold(coding, "chunked")
	if text, line := a.value("Content-Length"); line != "" {
		if n, err := strconv.Atoi(text); err == nil && n >= 0 {
			a.length = n
		}
	}
	value, line := a.value(msnhttp.HeaderName)
	a.header = line
	if line != "" {
		a.session, _ = msnhttp.ParseSessionHeader(value) // what is missing is judged by its field
	}
}

// rest reads the body.
func (c *conn) rest(a *answer) (err error) {
	switch {
	case a.chunked:
		a.body, err = io.ReadAll(io.LimitReader(httputil.NewChunkedReader(c.in), largest))
		if err == nil {
			_, err = c.in.Discard(2) // the empty trailer
		}
	case a.length > largest:
		err = fmt.Errorf("an answer of %d bytes", a.length)
	case a.length >= 0:
		a.body = make([]byte, a.length)
		_, err = io.ReadFull(c.in, a.body)
	default:
		a.body, err = io.ReadAll(io.LimitReader(c.in, largest))
	}
	return err
}

// explain says it in the words of somebody who watches.
func explain(err error) error {
	var timeout net.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("no answer came in time")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the connection was closed in the place of an answer")
	}
	return err
}

func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}
