package probe

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"gauntlet/harness/msn/msnhttp"
	"gauntlet/proxies/http1"
)

// conn is one connection to the gateway: bytes out, answers in.
type conn struct {
	net.Conn
	in       *bufio.Reader
	patience time.Duration
}

// answer is one answer, its head as it came.
type answer struct {
	http1.Head
	status  int
	line    string
	body    []byte
	chunked bool
	length  int // as the head says it; -1 = it does not
	session msnhttp.SessionHeader
	header  string // the field's line; "" = it is not there
}

// value is the value of a field, whatever the case of its name.
func (a *answer) value(name string) (value, line string) {
	for _, f := range a.Fields {
		if f.Is(name) {
			return f.Value, strings.TrimRight(f.Raw, "\r\n")
		}
	}
	return "", ""
}

// closes reports whether the connection is not to be used again.
func (a *answer) closes() bool {
	v := a.Get("Connection")
	return strings.EqualFold(v, "close") || a.Version() == "HTTP/1.0" && !strings.EqualFold(v, "keep-alive")
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
		m, err := http1.Receive(c.in, &http1.Reader{Answers: true}, largest)
		if errors.Is(err, http1.ErrNotHTTP) {
			rest, _ := c.in.Peek(c.in.Buffered())
			err = fmt.Errorf("no HTTP answer but %q", clip(string(http1.StartLine(append(m.Head, rest...)))))
		}
		if m.Interim && err == nil {
			continue
		}
		a := take(m)
		if err == nil {
			err = a.floods()
		}
		return a, explain(err)
	}
}

// take reads what an answer says.
func take(m http1.Message) answer {
	a := answer{Head: http1.Parse(m.Head), body: m.Body}
	a.line, a.status = a.Start(), a.Status()
	framing, _ := http1.FramingOf(m.Head) // what cannot be understood says nothing
	a.chunked, a.length = framing.Chunked, int(framing.Length)
	value, line := a.value(msnhttp.HeaderName)
	if a.header = line; line != "" {
		a.session, _ = msnhttp.ParseSessionHeader(value) // what is missing is judged by its field
	}
	return a
}

// floods is what is wrong with a head that is too large.
func (a *answer) floods() error {
	if len(a.Fields) > mostFields {
		return fmt.Errorf("an answer with more than %d fields", mostFields)
	}
	for _, f := range a.Fields {
		if len(f.Raw) > longestLine {
			return fmt.Errorf("a line of more than %d bytes in an answer's head", longestLine)
		}
	}
	return nil
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
