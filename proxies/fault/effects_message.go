package fault

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gauntlet/proxies/http1"
)

// answerEffects change the whole of an answer.
func answerEffects() map[string]Kind {
	answer, either := []Place{AtAnswer}, []Place{AtForward, AtAnswer}
	return map[string]Kind{
		"hold": {Streams: true, At: answer, Arguments: []Argument{{Name: "time", Form: Duration}}, Doc: "the answer is held back for so long", Fire: func(i Injection, a args) { i.Hold(ToPeer, a.duration(0)) }},
		"coalesce": {At: answer, Arguments: []Argument{{Name: "time", Form: Duration}}, Doc: "the answer is collected whole and handed on in one piece, so long after it began", Fire: func(i Injection, a args) {
			i.EditAnswer(func(a Answer) Answer { return a })
			i.Hold(ToPeer, a.duration(0))
		}},
		"chunked": {At: answer, Arguments: []Argument{{Name: "oddity", Form: Choice, Words: []string{"wrong-size", "no-end", "extension", "trailer"}, Before: "with", Optional: true}},
			Doc: "the answer's body comes in chunks, without Content-Length; with a first size that is wrong, an end that never comes before FIN, an extension of each chunk, or a field after the last", Fire: editing(chunked)},
		"gzip":           {Streams: true, At: answer, Doc: "the answer's body comes compressed, although nobody may have asked for that", Fire: editing(func(a Answer, _ args) Answer { return compressed(a) })},
		"http1.0":        {At: answer, Doc: "the answer is one of HTTP/1.0: not chunked, and the connection is kept only if the request asked for that by name", Fire: downgrade},
		"length wrong":   {At: answer, Arguments: []Argument{{Name: "difference", Form: Signed}}, Doc: "Content-Length is so much too large or too small", Fire: editing(mismeasured)},
		"length missing": {At: answer, Doc: "the answer has no Content-Length and ends with the connection", Fire: editing(unmeasured)},
		"corrupt": {At: either, Withholds: true, Arguments: []Argument{{Name: "part", Form: Choice, Words: []string{"head", "body"}}, {Name: "byte of it", Form: Number, Low: 1, Before: "byte", Optional: true}},
			Doc: "a byte is another one, chance says which unless it is named; at forward of the request, at answer of the answer", Fire: corrupt},
		"drop body": {At: []Place{AtForward}, Withholds: true, Arguments: []Argument{{Name: "framing", Form: Choice, Words: []string{"chunks"}, Before: "in", Optional: true}},
			Doc: "the request goes on with an empty body: of length 0, or in chunks of which there is none", Fire: dropBody},
		"surplus":      {At: answer, Arguments: []Argument{{Name: "bytes", Form: Number, Low: 1}}, Doc: "so many bytes follow the answer's end, which belong to no answer", Fire: editing(overfull)},
		"answer twice": {At: answer, Doc: "the answer comes a second time, behind its end", Fire: editing(func(a Answer, _ args) Answer { a.After = a.Bytes(); return a })},
		"truncate":     {Streams: true, At: answer, Arguments: []Argument{{Name: "bytes of the body that arrive", Form: Number}}, Doc: "the head arrives unchanged, then so much of the body, then FIN", Fire: editing(truncated)},
	}
}

// editing is an effect that edits the answer.
func editing(edit func(Answer, args) Answer) func(Injection, args) {
	return func(i Injection, a args) { i.EditAnswer(func(was Answer) Answer { return edit(was, a) }) }
}

func chunked(a Answer, with args) Answer {
	b := InChunks(a.plain(), 16)
	a = a.framed(b, http1.NewField("Transfer-Encoding", "chunked"))
	line := bytes.Index(b, []byte("\r\n"))
	switch size, rest := b[:line], b[line:]; with.after("with") {
	case "wrong-size":
		n, _ := strconv.ParseInt(string(size), 16, 32)
		a.Body = slices.Concat(strconv.AppendInt(nil, n+1, 16), rest)
	case "no-end":
		a.Body, a.Then = bytes.TrimSuffix(b, []byte("0\r\n\r\n")), FIN
	case "extension":
		a.Body = slices.Concat(size, []byte(`;note="a, b"`), rest)
	case "trailer":
		a.Body = slices.Concat(bytes.TrimSuffix(b, []byte("\r\n")), []byte("X-Trailer: 1\r\n\r\n"))
	}
	return a
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

// corrupt changes a byte into its neighbour, so that letters stay letters.
func corrupt(i Injection, a args) {
	part := func(message []byte) []byte {
		if len(message) == 0 {
			return message
		}
		at := int(i.Draw(0) * float64(len(message)))
		if n := a.after("byte"); n != "" {
			at, _ = strconv.Atoi(n)
			at = min(at, len(message)) - 1
		}
		message = bytes.Clone(message)
		message[at] ^= 1
		return message
	}
	if a[0] == "head" {
		i.EditHead(part)
		return
	}
	i.EditBody(part)
}

func dropBody(i Injection, a args) {
	i.EditHead(func(head []byte) []byte {
		h := http1.Parse(head)
		h.Remove("Transfer-Encoding", "Content-Length")
		if a.after("in") == "chunks" {
			h.Add("Transfer-Encoding", "chunked")
		} else {
			h.Fields = append(h.Fields, lengthField(0))
		}
		return h.Bytes()
	})
	i.EditBody(func([]byte) []byte {
		if a.after("in") == "chunks" {
			return InChunks(nil, 1)
		}
		return nil
	})
}

func overfull(a Answer, by args) Answer {
	a.After = bytes.Repeat([]byte("surplus\n"), by.number(0)/8+1)[:by.number(0)]
	return a
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
	a.Body, a.Then = a.Body[:n], FIN
	return a
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

// headEffects change a head and nothing else: at forward the request's, at answer
// the answer's.
func headEffects() map[string]Kind {
	answer := []Place{AtAnswer}
	either := []Place{AtForward, AtAnswer}
	field := []Argument{{Name: "header field's name", Form: Name}}
	return map[string]Kind{
		"continue": {At: answer, Doc: "100 Continue, which nobody asked for, comes before the answer", Fire: func(i Injection, _ args) { i.Precede([]byte("HTTP/1.1 100 Continue\r\n\r\n")) }},
		"interim": {At: answer, Arguments: []Argument{{Name: "status", Form: Choice, Words: []string{"102", "103"}}, fields()},
			Doc: "an interim answer with this status, and with fields, comes before the answer", Fire: interim},
		"length differs": {At: answer, Arguments: []Argument{{Name: "difference", Form: Signed}, {Name: "form", Form: Choice, Words: []string{"list"}, Before: "as", Optional: true}},
			Doc: "Content-Length is given twice, the second time with another value; as a list it is one field, in which that comes first: 20, 18", Fire: onWhole(differing)},
		"length listed":      {At: answer, Doc: "Content-Length is one field with a list of the same value twice: 18, 18", Fire: onWhole(listed)},
		"large head":         {At: either, Withholds: true, Arguments: []Argument{{Name: "bytes", Form: Number, Low: 1}}, Doc: "so many bytes of fields are added to the head", Fire: onHead(enlarge)},
		"length twice":       {At: answer, Doc: "Content-Length is given twice, with the same value", Fire: onHead(func(h *http1.Head, _ args) { h.Replace("Content-Length", twice) })},
		"drop header":        {Streams: true, At: either, Withholds: true, Arguments: field, Doc: "the field is missing from the head", Fire: onHead(func(h *http1.Head, a args) { h.Remove(a[0]) })},
		"duplicate header":   {At: either, Withholds: true, Arguments: field, Doc: "the field comes twice", Fire: onHead(func(h *http1.Head, a args) { h.Replace(a[0], twice) })},
		"recase header":      {At: either, Withholds: true, Arguments: field, Doc: "the field's name is spelt as it stands here", Fire: onHead(recase)},
		"fold header":        {At: either, Withholds: true, Arguments: field, Doc: "the field's value goes on in a second line, as was once allowed", Fire: onHead(func(h *http1.Head, a args) { h.Replace(a[0], folded) })},
		"add header":         {Streams: true, At: either, Withholds: true, Arguments: append(field, Argument{Name: "value", Form: Text}), Doc: "a field is added at the end of the head", Fire: onHead(func(h *http1.Head, a args) { h.Add(a[0], a.text(1)) })},
		"lower-case headers": {At: either, Withholds: true, Doc: "the names of all fields are in lower case", Fire: onHead(lowerNames)},
		"reorder headers":    {At: either, Withholds: true, Doc: "the fields come in reverse order", Fire: onHead(func(h *http1.Head, _ args) { slices.Reverse(h.Fields) })},
	}
}

// onHead is an effect that edits the head.
func onHead(edit func(*http1.Head, args)) func(Injection, args) {
	return func(i Injection, a args) {
		i.EditHead(func(head []byte) []byte {
			h := http1.Parse(head)
			edit(&h, a)
			return h.Bytes()
		})
	}
}

// onWhole edits the head of an answer of which all has to be there: nobody could
// read from the head where it ends.
func onWhole(edit func(*http1.Head, args)) func(Injection, args) {
	return editing(func(a Answer, given args) Answer {
		h := http1.Parse(a.Head)
		edit(&h, given)
		a.Head = h.Bytes()
		return a
	})
}

func interim(i Injection, a args) {
	n := a.number(0)
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\n", n, http.StatusText(n))
	for _, f := range a.each("with") {
		head += f + "\r\n"
	}
	i.Precede([]byte(head + "\r\n"))
}

func differing(h *http1.Head, by args) {
	h.Replace("Content-Length", func(f http1.Field) []http1.Field {
		n, _ := strconv.Atoi(f.Value)
		other := lengthField(max(n+by.number(0), 0))
		if by.after("as") == "list" {
			return []http1.Field{http1.NewField(f.Name, other.Value+", "+f.Value)}
		}
		return []http1.Field{f, other}
	})
}

func listed(h *http1.Head, _ args) {
	h.Replace("Content-Length", func(f http1.Field) []http1.Field {
		return []http1.Field{http1.NewField(f.Name, f.Value+", "+f.Value)}
	})
}

// enlarge adds fields of at most 4 KiB, as many as it takes.
func enlarge(h *http1.Head, by args) {
	const most, frame = 4 << 10, len("X-Padding: \r\n")
	for n := by.number(0); n > 0; {
		field := min(n, most)
		if left := n - field; left > 0 && left < frame {
			field -= frame
		}
		h.Add("X-Padding", strings.Repeat("x", max(field-frame, 0)))
		n -= field
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
