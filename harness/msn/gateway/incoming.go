package gateway

import (
	"net/http"
	"strconv"
	"strings"

	"gauntlet/proxies/http1"
)

// incoming is a request as far as it has come.
type incoming struct {
	head   []byte // nil until it is whole
	frame  http1.Framing
	vague  error  // why frame says nothing
	body   []byte // without chunk framing
	frames int    // bytes of chunk framing
	whole  bool
	astray bool // it is none of HTTP, from here on
}

// take takes bytes of the request, and what is reached behind them.
func (in *incoming) take(p []byte, part http1.Part, mark http1.Mark, from *http1.Reader) {
	switch part {
	case http1.Body:
		in.body = append(in.body, p...)
	case http1.Frame:
		in.frames += len(p)
	}
	if mark&http1.HeadDone != 0 {
		in.head = from.Head()
		in.frame, in.vague = from.Framing()
	}
	in.whole = in.whole || mark&http1.Done != 0
	in.astray = in.astray || mark&http1.Astray != 0
}

// A request's head is bounded because a SessionID of 2,000 characters, escaped,
// needs 6,000; chunk framing because there may be any amount of it in a body of
// any size.
const (
	headBytes  = 36 << 10
	frameBytes = 16 << 10
	frameTimes = 16 // more for each byte of the body: chunks of one byte have 5
)

// padded reports whether there is far more chunk framing than body.
func (in *incoming) padded() bool { return in.frames > frameBytes+frameTimes*len(in.body) }

// heading is what a head says to a server.
type heading struct {
	method, target string
	old            bool // HTTP/1.0
	framing        http1.Framing
	ends           bool // the connection is to be closed after the answer
	keeps          bool // an old client asks to keep it
	waits          bool // the body comes when it is asked for
}

// hasBody reports whether a body is to come.
func (h heading) hasBody() bool { return h.framing.Chunked || h.framing.Length > 0 }

// complaint is the answer to what is no request of HTTP. The table never hears of
// it.
type complaint struct {
	status int
	text   string // what is wrong, if it can be said
}

// malformed is a complaint about what cannot be read.
func malformed(text string) *complaint { return &complaint{http.StatusBadRequest, text} }

// readHead reads a whole head, as strictly as servers do where a proxy before them
// could read it in another way.
func (in *incoming) readHead() (h heading, wrong *complaint) {
	head := http1.Parse(in.head)
	if wrong = h.readLine(head.Start()); wrong != nil {
		return h, wrong
	}
	hosts := 0
	for _, f := range head.Fields {
		if !isToken(f.Name) || !strings.Contains(f.Raw, ":") {
			return h, malformed("")
		}
		if !isText(f.Value) {
			return h, malformed("invalid header value")
		}
		switch {
		case strings.EqualFold(f.Name, "Host"):
			hosts++
		case strings.EqualFold(f.Name, "Connection"):
			h.ends, h.keeps = h.ends || http1.Lists(f.Value, "close"), h.keeps || http1.Lists(f.Value, "keep-alive")
		case strings.EqualFold(f.Name, "Expect"):
			if h.waits = strings.EqualFold(f.Value, "100-continue"); !h.waits {
				wrong = &complaint{status: http.StatusExpectationFailed}
			}
		}
	}
	switch {
	case hosts == 0 && !h.old && h.method != http.MethodConnect:
		return h, malformed("missing required Host header")
	case hosts > 1:
		return h, malformed("too many Host headers")
	}
	if h.framing = in.frame; in.vague != nil && head.Has("Transfer-Encoding") {
		return h, &complaint{http.StatusNotImplemented, "Unsupported transfer encoding"}
	} else if in.vague != nil {
		return h, malformed("")
	}
	h.keeps = h.keeps && h.old && !h.ends
	h.ends = h.ends || h.old && !h.keeps
	h.waits = h.waits && !h.old && h.hasBody()
	return h, wrong
}

// readLine reads the request line.
func (h *heading) readLine(line string) *complaint {
	method, rest, _ := strings.Cut(line, " ")
	target, version, _ := strings.Cut(rest, " ")
	major, ok := strings.CutPrefix(version, "HTTP/")
	switch {
	case !ok || len(major) != 3 || major[1] != '.' || !isDigit(major[0]) || !isDigit(major[2]):
		return malformed("")
	case !isToken(method) || target == "" || !isText(target):
		return malformed("")
	case major[0] != '1':
		return &complaint{http.StatusHTTPVersionNotSupported, "unsupported protocol version"}
	}
	h.method, h.target, h.old = method, target, major[2] == '0'
	return nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isToken reports whether text can be a method or the name of a field.
func isToken(text string) bool {
	for i := range len(text) {
		c := text[i]
		if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z') && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return text != ""
}

// isText reports whether text has no control characters but tabs.
func isText(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// appendTo appends the complaint as an answer.
func (w *complaint) appendTo(b []byte) []byte {
	line := strconv.Itoa(w.status) + " " + http.StatusText(w.status)
	if w.text != "" {
		line += ": " + w.text
	}
	b = append(append(b, "HTTP/1.1 "...), line...)
	b = append(b, "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"...)
	return append(b, line...)
}
