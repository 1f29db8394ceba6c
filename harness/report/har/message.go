package har

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/report/inert"
	"gauntlet/proxies/http1"
)

type request struct {
	Method      string    `json:"method"`
	URL         string    `json:"url"`
	HTTPVersion string    `json:"httpVersion"`
	Cookies     []pair    `json:"cookies"`
	Headers     []pair    `json:"headers"`
	QueryString []pair    `json:"queryString"`
	PostData    *postData `json:"postData,omitempty"`
	HeadersSize int       `json:"headersSize"`
	BodySize    int       `json:"bodySize"`
}

type response struct {
	Status      int     `json:"status"`
	StatusText  string  `json:"statusText"`
	HTTPVersion string  `json:"httpVersion"`
	Cookies     []pair  `json:"cookies"`
	Headers     []pair  `json:"headers"`
	Content     content `json:"content"`
	RedirectURL string  `json:"redirectURL"`
	HeadersSize int     `json:"headersSize"`
	BodySize    int     `json:"bodySize"`
}

type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type postData struct {
	MimeType string `json:"mimeType"`
	Text     string `json:"text"`
	Raw      []byte `json:"_base64,omitempty"` // what the text cannot say
	Comment  string `json:"comment,omitempty"`
}

type content struct {
	Size     int    `json:"size"`
	MimeType string `json:"mimeType"`
	Text     string `json:"text,omitempty"`
	Encoding string `json:"encoding,omitempty"`
}

const unknownType = "application/octet-stream" // where no field says what a body is

func requestOf(x *history.Exchange) request {
	h := readHead(x.Head)
	r := request{
		Method: inert.Line(h.word(0)), URL: address(h.word(1), h.value("host")), HTTPVersion: inert.Line(h.word(2)),
		Cookies: []pair{}, Headers: h.fields, QueryString: query(h.word(1)), HeadersSize: len(x.Head), BodySize: len(x.Body),
	}
	if len(x.Body) > 0 {
		r.PostData = &postData{MimeType: h.kind(), Text: string(x.Body)}
		if !plain(x.Body) {
			r.PostData.Text, r.PostData.Comment = inert.Line(string(x.Body)), "what is no text is escaped"
			r.PostData.Raw = x.Body
		}
	}
	return r
}

// responseOf gives an exchange without an answer the status 0, as browsers do.
func responseOf(x *history.Exchange) response {
	h := readHead(x.AnswerHead)
	r := response{
		Status: x.Status, StatusText: inert.Line(h.rest(2)), HTTPVersion: inert.Line(h.word(0)),
		Cookies: []pair{}, Headers: h.fields, RedirectURL: h.value("location"), HeadersSize: len(x.AnswerHead), BodySize: len(x.AnswerBody),
		Content: content{Size: len(x.AnswerBody), MimeType: h.kind()},
	}
	if !x.Answered {
		r.BodySize = -1
	}
	if plain(x.AnswerBody) {
		r.Content.Text = string(x.AnswerBody)
	} else {
		r.Content.Text, r.Content.Encoding = base64.StdEncoding.EncodeToString(x.AnswerBody), "base64"
	}
	return r
}

// plain reports whether a body is text in which nothing acts but line ends.
func plain(body []byte) bool {
	text := strings.NewReplacer("\r", "", "\n", "", "\t", "").Replace(string(body))
	return utf8.Valid(body) && inert.Line(text) == text
}

// head is what can be read of a message's head.
type head struct {
	http1.Head
	words  []string // of its first line
	fields []pair
}

// readHead takes a head apart however wrong it is.
func readHead(data []byte) head {
	h := head{Head: http1.Parse(data), fields: []pair{}}
	h.words = strings.Fields(h.Start())
	for _, f := range h.Fields {
		h.fields = append(h.fields, pair{inert.Line(f.Name), inert.Line(f.Value)})
	}
	return h
}

func (h head) word(i int) string {
	if i >= len(h.words) {
		return ""
	}
	return h.words[i]
}

func (h head) rest(i int) string { return strings.Join(h.words[min(i, len(h.words)):], " ") }

// value is the first field of that name.
func (h head) value(name string) string { return inert.Line(h.Get(name)) }

func (h head) kind() string {
	if kind := h.value("content-type"); kind != "" {
		return kind
	}
	return unknownType
}

// address is the URL of a request's target, with whatever cannot stand in one
// percent-encoded.
func address(target, host string) string {
	scheme, _, found := strings.Cut(target, "://")
	if !found || strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz") != "" || scheme == "" {
		if !strings.HasPrefix(target, "/") {
			host, target = target, "/" // CONNECT
		}
		target = "http://" + host + target
	}
	return encoded(target)
}

func encoded(text string) string {
	const allowed = "-._~:/?#[]@!$&'()*+,;=%"
	var out strings.Builder
	for i := range len(text) {
		b := text[i]
		letter := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
		if letter || strings.IndexByte(allowed, b) >= 0 && (b != '%' || isEscape(text[i:])) {
			out.WriteByte(b)
		} else {
			out.WriteString("%" + strings.ToUpper(strconv.FormatInt(int64(b)|0x100, 16)[1:]))
		}
	}
	return out.String()
}

func isEscape(text string) bool {
	if len(text) < 3 {
		return false
	}
	_, err := strconv.ParseUint(text[1:3], 16, 8)
	return err == nil
}

// query are the arguments as they are written; nobody says how a client means
// its escapes.
func query(target string) []pair {
	pairs := []pair{}
	_, arguments, found := strings.Cut(target, "?")
	if !found {
		return pairs
	}
	for argument := range strings.SplitSeq(arguments, "&") {
		name, value, _ := strings.Cut(argument, "=")
		pairs = append(pairs, pair{inert.Line(name), inert.Line(value)})
	}
	return pairs
}
