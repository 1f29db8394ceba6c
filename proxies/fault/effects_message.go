package fault

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
	"strings"

	"gauntlet/proxies/http1"
)

// pageEffects give an answer of somebody else's, or a request once more.
func pageEffects() map[string]Kind {
	answer, instead, request := []Place{AtAnswer}, []Place{AtForward, AtAnswer}, []Place{AtForward}
	return map[string]Kind{
		"status": {At: instead, Withholds: true, Arguments: []Argument{{Name: "status", Form: Choice, Words: statuses()}},
			Doc:  "a proxy's page with this status is the answer; at forward the box never sees the request, at answer the gateway has processed it",
			Fire: func(i Injection, a args) { i.Replace(statusPage(a[0])) }},
		"redirect": {At: instead, Withholds: true, Arguments: []Argument{{Name: "host", Form: Text, Before: "to", Optional: true}},
			Doc: "302 with a Location elsewhere is the answer; at forward the box never sees the request", Fire: redirect},
		"portal": {At: instead, Withholds: true, Doc: "the page of a captive portal, with 200, is the answer; at forward the box never sees the request", Fire: func(i Injection, _ args) {
			i.Replace(page("200 OK", "Welcome! Please sign in to use this network", "Cache-Control: no-store"))
		}},
		"cached": {At: request, Withholds: true, Remembers: true, Doc: "the last answer to a request of the same kind is given again, and the box never sees the request", Fire: func(i Injection, _ args) {
			if a, ok := i.Earlier(SameKind); ok {
				i.Replace(a)
			}
		}},
		"repeat":            {At: request, Doc: "the box gets the request twice; the client gets the first answer", Fire: func(i Injection, _ args) { i.Repeat(First) }},
		"repeat after drop": {At: request, Doc: "the box gets the request again once it has answered, as from a proxy that lost the answer; the client gets the second answer", Fire: func(i Injection, _ args) { i.Repeat(Second) }},
		"stale answer":      {At: answer, Remembers: true, Doc: "the answer before, of the same connection, is given again in place of this one", Fire: earlier(SameConnection)},
		"crossed answer":    {At: answer, Remembers: true, Doc: "the newest answer of another connection is given in place of this one", Fire: earlier(OtherConnection)},
	}
}

// earlier puts an answer that was given before in the place of this one.
func earlier(which Source) func(Injection, args) {
	return func(i Injection, _ args) {
		if other, ok := i.Earlier(which); ok {
			i.EditAnswer(func(Answer) Answer { return other })
		}
	}
}

func redirect(i Injection, a args) {
	host := a.after("to")
	if host == "" {
		host = "login.example"
	}
	i.Replace(page("302 Found", "Moved", "Location: http://"+host+"/login"))
}

func statuses() []string {
	return []string{"400", "403", "404", "407", "417", "429", "500", "502", "503", "504"}
}

// statusPage is the page for a status, with the fields that belong to it.
func statusPage(status string) Answer {
	title := map[string]string{
		"400": "Bad Request", "403": "Forbidden", "404": "Not Found", "407": "Proxy Authentication Required",
		"417": "Expectation Failed", "429": "Too Many Requests", "500": "Internal Server Error",
		"502": "Bad Gateway", "503": "Service Unavailable", "504": "Gateway Timeout",
	}[status]
	var fields []string
	switch status {
	case "407":
		fields = []string{`Proxy-Authenticate: Basic realm="proxy"`}
	case "429", "503":
		fields = []string{"Retry-After: 5"}
	}
	return page(fmt.Sprint(status, " ", title), title, fields...)
}

// page is a proxy's own answer: a short page, and fields as "Name: value".
func page(status, title string, fields ...string) Answer {
	body := fmt.Sprintf("<html><head><title>%s</title></head><body><h1>%s</h1></body></html>\n", title, title)
	head := "HTTP/1.1 " + status + "\r\nContent-Type: text/html\r\n"
	for _, f := range fields {
		head += f + "\r\n"
	}
	head += fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body))
	return Answer{Head: []byte(head), Body: []byte(body)}
}

// answerEffects change the whole of an answer.
func answerEffects() map[string]Kind {
	answer := []Place{AtAnswer}
	return map[string]Kind{
		"hold": {At: answer, Arguments: []Argument{{Name: "time", Form: Duration}}, Doc: "the answer is held back for so long", Fire: func(i Injection, a args) { i.Hold(ToPeer, a.duration(0)) }},
		"coalesce": {At: answer, Arguments: []Argument{{Name: "time", Form: Duration}}, Doc: "the answer is collected whole and handed on in one piece, so long after it began", Fire: func(i Injection, a args) {
			i.EditAnswer(func(a Answer) Answer { return a })
			i.Hold(ToPeer, a.duration(0))
		}},
		"chunked":        {At: answer, Doc: "the answer's body comes in chunks, without Content-Length", Fire: editing(func(a Answer, _ args) Answer { return chunked(a) })},
		"gzip":           {At: answer, Doc: "the answer's body comes compressed, although nobody may have asked for that", Fire: editing(func(a Answer, _ args) Answer { return compressed(a) })},
		"http1.0":        {At: answer, Doc: "the answer is one of HTTP/1.0: not chunked, and the connection is kept only if the request asked for that by name", Fire: downgrade},
		"length wrong":   {At: answer, Arguments: []Argument{{Name: "difference", Form: Signed}}, Doc: "Content-Length is so much too large or too small", Fire: editing(mismeasured)},
		"length missing": {At: answer, Doc: "the answer has no Content-Length and ends with the connection", Fire: editing(unmeasured)},
		"truncate":       {At: answer, Arguments: []Argument{{Name: "bytes of the body that arrive", Form: Number}}, Doc: "the head arrives unchanged, then so much of the body, then FIN", Fire: editing(truncated)},
	}
}

// editing is an effect that edits the answer.
func editing(edit func(Answer, args) Answer) func(Injection, args) {
	return func(i Injection, a args) { i.EditAnswer(func(was Answer) Answer { return edit(was, a) }) }
}

func chunked(a Answer) Answer {
	return a.framed(InChunks(a.plain(), 16), http1.NewField("Transfer-Encoding", "chunked"))
}

// InChunks frames a body in chunks of that size, the last but one shorter.
func InChunks(body []byte, size int) (out []byte) {
	for len(body) > 0 {
		n := min(size, len(body))
		out = fmt.Appendf(out, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	return append(out, "0\r\n\r\n"...)
}

// compressed leaves an answer without a body, or with an encoding, as it is.
func compressed(a Answer) Answer {
	plain, h := a.plain(), http1.Parse(a.Head)
	if len(plain) == 0 || h.Get("Content-Encoding") != "" {
		return a
	}
	var b bytes.Buffer // takes all, so that nothing can fail
	w := gzip.NewWriter(&b)
	_, _ = w.Write(plain)
	_ = w.Close()
	return a.framed(b.Bytes(), lengthField(b.Len()), http1.NewField("Content-Encoding", "gzip"))
}

func mismeasured(a Answer, by args) Answer {
	plain := a.plain()
	length := max(len(plain)+by.number(0), 0)
	if length == len(plain) {
		return a
	}
	return a.framed(plain, lengthField(length))
}

func unmeasured(a Answer, _ args) Answer {
	a = a.framed(a.plain())
	a.Then = FIN
	return a
}

func truncated(a Answer, to args) Answer {
	n := to.number(0)
	if n >= len(a.Body) {
		return a
	}
	return Answer{Head: a.Head, Body: a.Body[:n], Then: FIN}
}

func downgrade(i Injection, _ args) {
	h := http1.Parse(i.RequestHead())
	asked := saysKeepAlive(h, "Connection") || saysKeepAlive(h, "Proxy-Connection")
	i.EditAnswer(func(a Answer) Answer { return downgraded(a, asked) })
}

func saysKeepAlive(h http1.Head, name string) bool {
	return strings.EqualFold(h.Get(name), "keep-alive")
}

// downgraded has no chunks and says by name that the connection is kept; else
// it ends.
func downgraded(a Answer, kept bool) Answer {
	if !bytes.HasPrefix(a.Head, []byte("HTTP/1.1 ")) {
		return a
	}
	a = a.sized(a.plain())
	h := http1.Parse(a.Head)
	h.SetStart("HTTP/1.0" + strings.TrimPrefix(h.Start(), "HTTP/1.1"))
	kept = kept && a.Then == "" && !strings.EqualFold(h.Get("Connection"), "close")
	if h.Remove("Connection"); kept {
		h.Add("Connection", "keep-alive")
	} else {
		a.Then = FIN
	}
	a.Head = h.Bytes()
	return a
}

// headEffects change an answer's head and nothing else.
func headEffects() map[string]Kind {
	answer := []Place{AtAnswer}
	field := []Argument{{Name: "header field's name", Form: Name}}
	return map[string]Kind{
		"continue": {At: answer, Doc: "100 Continue, which nobody asked for, comes before the answer", Fire: func(i Injection, _ args) {
			i.EditHead(func(head []byte) []byte { return slices.Concat([]byte("HTTP/1.1 100 Continue\r\n\r\n"), head) })
		}},
		"length twice":       {At: answer, Doc: "Content-Length is given twice, with the same value", Fire: onHead(func(h *http1.Head, _ args) { h.Replace("Content-Length", twice) })},
		"drop header":        {At: answer, Arguments: field, Doc: "the field is missing from the answer's head", Fire: onHead(func(h *http1.Head, a args) { h.Remove(a[0]) })},
		"duplicate header":   {At: answer, Arguments: field, Doc: "the field comes twice", Fire: onHead(func(h *http1.Head, a args) { h.Replace(a[0], twice) })},
		"recase header":      {At: answer, Arguments: field, Doc: "the field's name is spelt as it stands here", Fire: onHead(recase)},
		"fold header":        {At: answer, Arguments: field, Doc: "the field's value goes on in a second line, as was once allowed", Fire: onHead(func(h *http1.Head, a args) { h.Replace(a[0], folded) })},
		"add header":         {At: answer, Arguments: append(field, Argument{Name: "value", Form: Text}), Doc: "a field is added at the end of the head", Fire: onHead(func(h *http1.Head, a args) { h.Add(a[0], a[1]) })},
		"lower-case headers": {At: answer, Doc: "the names of all fields are in lower case", Fire: onHead(lowerNames)},
		"reorder headers":    {At: answer, Doc: "the fields come in reverse order", Fire: onHead(func(h *http1.Head, _ args) { slices.Reverse(h.Fields) })},
	}
}

// onHead is an effect that edits the answer's head.
func onHead(edit func(*http1.Head, args)) func(Injection, args) {
	return func(i Injection, a args) {
		i.EditHead(func(head []byte) []byte {
			h := http1.Parse(head)
			edit(&h, a)
			return h.Bytes()
		})
	}
}

func twice(f http1.Field) []http1.Field { return []http1.Field{f, f} }

func recase(h *http1.Head, a args) {
	h.Replace(a[0], func(f http1.Field) []http1.Field { return []http1.Field{renamed(f, a[0])} })
}

func lowerNames(h *http1.Head, _ args) {
	for i, f := range h.Fields {
		h.Fields[i] = renamed(f, strings.ToLower(f.Name))
	}
}

// renamed is the field with another name; its value keeps its bytes.
func renamed(f http1.Field, name string) http1.Field {
	f.Raw = name + strings.TrimPrefix(f.Raw, f.Name)
	f.Name = name
	return f
}

// folded breaks a field at the first blank in its value, else before the value.
func folded(f http1.Field) []http1.Field {
	first, rest, found := strings.Cut(f.Value, " ")
	if !found {
		first, rest = "", f.Value
	}
	f.Raw = f.Name + ": " + first + "\r\n " + rest + "\r\n"
	return []http1.Field{f}
}
