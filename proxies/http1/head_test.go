package http1

import (
	"slices"
	"strings"
	"testing"
)

const sample = "\r\nPOST http://g/x?a=1  HTTP/1.1\r\nhost: g\r\nX-MSN-Messenger:  SessionID=1;\r\n\t GW-IP=g \r\nno colon\nhost:h\r\n\r\n"

func TestHeadIsWrittenBackAsItCame(t *testing.T) {
	for _, text := range []string{sample, "", "\r\n", "GET / HTTP/1.1", "GET / HTTP/1.1\r\nA: b", "GET / HTTP/1.1\r\n lead\r\n\r\n", "a\n\nb", "A\r\nB: c\r\n d"} {
		if h := Parse(text); string(h.Bytes()) != text {
			t.Errorf("%q came back as %q", text, h.Bytes())
		}
	}
}

func TestHeadIsRead(t *testing.T) {
	h := Parse([]byte(sample))
	if h.Method() != "POST" || h.Target() != "http://g/x?a=1" || h.Version() != "HTTP/1.1" || h.Start() != "POST http://g/x?a=1  HTTP/1.1" {
		t.Errorf("%q, %q, %q, %q", h.Method(), h.Target(), h.Version(), h.Start())
	}
	want := []Field{
		{"host", "g", "host: g\r\n"},
		{"X-MSN-Messenger", "SessionID=1; GW-IP=g", "X-MSN-Messenger:  SessionID=1;\r\n\t GW-IP=g \r\n"},
		{"no colon", "", "no colon\n"},
		{"host", "h", "host:h\r\n"},
	}
	if !slices.Equal(h.Fields, want) {
		t.Errorf("%q", h.Fields)
	}
	if h.Get("HOST") != "g" || h.Count("Host") != 2 || h.Has("Hos") || !h.Has("x-msn-messenger") || !h.Fields[1].Folded() || h.Fields[0].Folded() {
		t.Error("fields are not found")
	}
	a := Parse("HTTP/1.0 404 Not Found\r\n\r\n")
	if a.Status() != 404 || a.Version() != "HTTP/1.0" || h.Status() != 0 {
		t.Errorf("%d, %q", a.Status(), a.Version())
	}
	if empty := (Head{}); empty.Start()+empty.Method()+empty.Version() != "" || empty.Status() != 0 {
		t.Error("an empty head says something")
	}
}

func TestHeadIsEdited(t *testing.T) {
	const before = "GET / HTTP/1.1\r\nA: 1\r\nb : 2\r\na: 3\r\n\r\n"
	for name, c := range map[string]struct {
		edit func(*Head)
		want string
	}{
		"set":          {func(h *Head) { h.Set("a", "9") }, "GET / HTTP/1.1\r\nA: 9\r\nb : 2\r\n\r\n"},
		"set anew":     {func(h *Head) { h.Set("c", "9") }, "GET / HTTP/1.1\r\nA: 1\r\nb : 2\r\na: 3\r\nc: 9\r\n\r\n"},
		"remove":       {func(h *Head) { h.Remove("A", "B") }, "GET / HTTP/1.1\r\n\r\n"},
		"start":        {func(h *Head) { h.SetStart("PUT /x HTTP/1.0") }, "PUT /x HTTP/1.0\r\nA: 1\r\nb : 2\r\na: 3\r\n\r\n"},
		"replace":      {func(h *Head) { h.Replace("B", func(f Field) []Field { return []Field{f, f} }) }, "GET / HTTP/1.1\r\nA: 1\r\nb : 2\r\nb : 2\r\na: 3\r\n\r\n"},
		"replace none": {func(h *Head) { h.Replace("A", func(Field) []Field { return nil }) }, "GET / HTTP/1.1\r\nb : 2\r\n\r\n"},
	} {
		h := Parse(before)
		if c.edit(&h); string(h.Bytes()) != c.want {
			t.Errorf("%s: %q", name, h.Bytes())
		}
	}
	made := Head{}
	made.SetStart("GET / HTTP/1.1")
	if made.Add("A", "b"); string(made.Bytes()) != "GET / HTTP/1.1\r\nA: b\r\n" {
		t.Errorf("%q", made.Bytes())
	}
}

func TestBytesOfHeads(t *testing.T) {
	for text, want := range map[string]struct {
		end          int
		line, target string
		interim      bool
	}{
		"": {-1, "", "", false},
		"\r\nGET /a HTTP/1.1\r\nA: b\r\n\r\nrest": {27, "GET /a HTTP/1.1", "/a", false},
		"GET /a HTTP/1.1\n\n":                     {17, "GET /a HTTP/1.1", "/a", false},
		"GET /a HTTP/1.1\r\n\r":                   {-1, "GET /a HTTP/1.1", "/a", false},
		"HTTP/1.1 100 Continue\r\n\r\n":           {25, "HTTP/1.1 100 Continue", "100", true},
		"HTTP/1.1 101 Upgrade\r\n\r\n":            {24, "HTTP/1.1 101 Upgrade", "101", false},
		"alone":                                   {-1, "alone", "", false},
	} {
		b := []byte(text)
		if HeadEnd(b) != want.end || string(StartLine(b)) != want.line || Target(b) != want.target || IsInterim(b) != want.interim {
			t.Errorf("%q: %d, %q, %q, %v", text, HeadEnd(b), StartLine(b), Target(b), IsInterim(b))
		}
	}
}

func TestFramingOf(t *testing.T) {
	for fields, want := range map[string]struct {
		f   Framing
		err error
	}{
		"":                    {Framing{false, -1}, nil},
		"Content-Length: 7":   {Framing{false, 7}, nil},
		"Content-Length: 7,8": {Framing{false, -1}, errLength},
		"Content-Length: ":    {Framing{false, -1}, errLength},
		"Content-Length: 7\r\nTransfer-Encoding: a,\r\n CHUNKED": {Framing{true, -1}, nil},
		"Transfer-Encoding: chunked, a":                          {Framing{false, -1}, errLength},
		"X-Content-Length: 7":                                    {Framing{false, -1}, nil},
		"Content-Length: 99999999999999999999":                   {Framing{false, -1}, errLength},
	} {
		if f, err := FramingOf([]byte("GET / HTTP/1.1\r\n" + fields + "\r\n\r\n")); f != want.f || err != want.err {
			t.Errorf("%q: %v, %v", fields, f, err)
		}
	}
}

// FuzzHead: a head is written back byte for byte, and the Reader's view of its
// length is that of the fields that Parse finds.
func FuzzHead(f *testing.F) {
	f.Add(sample)
	f.Add("POST / HTTP/1.1\r\nContent-Length:\r\n 5\r\ncontent-length : 5\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		h := Parse(text)
		if string(h.Bytes()) != text {
			t.Fatalf("%q came back as %q", text, h.Bytes())
		}
		end := HeadEnd([]byte(text))
		if end < 0 {
			return
		}
		h = Parse(text[:end])
		framing, err := FramingOf([]byte(text[:end]))
		if !h.Has("Transfer-Encoding") && h.Count("Content-Length") == 0 && (framing != Framing{Length: -1} || err != nil) {
			t.Fatalf("%q: a length from nowhere: %v", text, framing)
		}
		if h.Count("Content-Length") == 1 && !h.Has("Transfer-Encoding") && err == nil && strings.TrimLeft(h.Get("Content-Length"), "0123456789, \t\r\n") != "" {
			t.Fatalf("%q: a length of %q", text, h.Get("Content-Length"))
		}
	})
}

func TestValuesAreThoseThatParseHas(t *testing.T) {
	const head = "\r\nHTTP/1.1 200 OK\r\nA: 1\r\na :\t2 \r\nB: x\r\nA:\r\n 3\r\n\t4\r\nA\r\n\r\n"
	h := Parse(head)
	var want []string
	for _, f := range h.Fields {
		if f.Is("a") {
			want = append(want, f.Value)
		}
	}
	got := slices.Collect(Values([]byte(head), "A"))
	if !slices.Equal(got, want) || len(got) != 4 {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestLists(t *testing.T) {
	for value, want := range map[string]bool{
		"close": true, "Keep-Alive, CLOSE": true, "upgrade,\tclose ": true, "close,": true,
		"": false, "closed": false, "keep-alive": false, "not close": false, "close;x": false,
	} {
		if Lists(value, "close") != want {
			t.Errorf("%q lists close: %v", value, !want)
		}
	}
}
