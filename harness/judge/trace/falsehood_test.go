package trace_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/trace"
	"gauntlet/harness/msn/reading"
)

// said is what an answer is at a hop: its fields and its body.
type said struct{ fields, body string }

// polled is a poll that is answered through boxes, at hop 0 first.
func polled(answers ...said) (events []history.Event) {
	const head = "POST /gateway/gateway.dll?Action=poll&SessionID=1 HTTP/1.1\r\n\r\n"
	at := func(hop int, kind history.Kind, when int, data string) history.Event {
		e := history.Event{At: time.Duration(when) * time.Millisecond, From: history.AtHop, Hop: hop, Conn: 1, Kind: kind, Data: []byte(data), Status: 200}
		if kind != history.RequestBegan {
			e.Exchange = 1
		}
		return e
	}
	for hop := range answers {
		events = append(events, at(hop, history.RequestBegan, hop, ""), at(hop, history.RequestHead, hop, head), at(hop, history.RequestDone, hop, ""))
	}
	for hop, a := range answers {
		line := "HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=2; GW-IP=h\r\n" + a.fields + "\r\n"
		events = append(events, at(hop, history.AnswerHead, 99-hop, line), at(hop, history.AnswerDone, 99-hop, a.body))
	}
	return events
}

// fires adds a fault at that hop.
func fires(events []history.Event, hop int) []history.Event {
	return append(events, history.Event{From: history.AtHop, Hop: hop, Conn: 1, Exchange: 1, Kind: history.Fired, Fault: "f"})
}

// coded is a body as its head claims.
func coded(coding, text string) string {
	var b bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&b)
	if coding == "deflate" {
		w = zlib.NewWriter(&b)
	}
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

func TestFalsified(t *testing.T) {
	const gzipped = "Content-Encoding: gzip\r\n"
	whole, short, lie := said{"", "MSG 1"}, said{"", "MSG"}, said{gzipped, "MSG 1"}
	partly := polled(short, whole)
	partly[len(partly)-1].Text = "2 more bytes"
	for name, c := range map[string]struct {
		events []history.Event
		want   string
	}{
		"as it was said":             {polled(whole, whole), ""},
		"no box":                     {polled(whole), ""},
		"a lie at the gateway":       {polled(lie), "its Content-Encoding gzip is a lie, by the gateway"},
		"handed on":                  {polled(lie, lie), "its Content-Encoding gzip is a lie, by the gateway"},
		"a lie of the box's":         {polled(lie, whole), "its Content-Encoding gzip is a lie, by box 1"},
		"a lie of the second box's":  {polled(lie, lie, whole), "its Content-Encoding gzip is a lie, by box 2"},
		"a lie of a fault's":         {fires(polled(lie, whole), 0), "its Content-Encoding gzip is a lie, by the fault f"},
		"a fault elsewhere":          {fires(polled(lie, whole), 1), "its Content-Encoding gzip is a lie, by box 1"},
		"a coding that we know not":  {polled(said{"Content-Encoding: br\r\n", "MSG 1"}, whole), ""},
		"another lie":                {polled(said{"Content-Encoding: deflate\r\n", "MSG 1"}, whole), "its Content-Encoding deflate is a lie, by box 1"},
		"a length that is too small": {polled(short, whole), "its length is 2 too small, by box 1"},
		"a part was not recorded":    {partly, ""},
		"another answer":             {polled(said{"", "XYZ"}, whole), ""},
		"a length that is too large": {polled(whole, short), "its length is 2 too large, by box 1"},
		"chunks of another size":     {polled(said{"Transfer-Encoding: chunked\r\n", "MSG\r 1"}, whole), "its chunks are not those of the body, by box 1"},
		"chunks of the body":         {polled(said{"Transfer-Encoding: chunked\r\n", "MSG 1"}, whole), ""},
		"two lengths":                {polled(said{"Content-Length: 5\r\nContent-Length: 6\r\n", "MSG 1"}, whole), "its length is said to be 5 and 6, by box 1"},
		"a length twice":             {polled(said{"Content-Length: 5\r\nContent-Length: 5\r\n", "MSG 1"}, whole), ""},
		"a list of lengths":          {polled(said{"Content-Length: 5, 5\r\n", "MSG 1"}, whole), "its length is said to be 5, 5, by box 1"},
		"a list that was there":      {polled(said{"Content-Length: 5, 5\r\n", "MSG 1"}, said{"Content-Length: 5, 5\r\n", "MSG 1"}), ""},
		"a coding that is true":      {polled(said{gzipped, coded("gzip", "MSG 1")}, whole), ""},
		"another that is true":       {polled(said{"Content-Encoding: deflate\r\n", coded("deflate", "MSG 1")}, whole), ""},
		"coded, and too short":       {polled(said{gzipped, coded("gzip", "MSG")}, whole), "its length is 2 too small, by box 1"},
		"coded at the source":        {polled(short, said{gzipped, coded("gzip", "MSG 1")}), "its length is 2 too small, by box 1"},
		"a body where none was":      {polled(whole, said{}), ""},
	} {
		read := New(c.events, Facts{Reader: reading.MSN{}})
		got := ""
		if f := read.Requests[0].Falsified(); f != nil {
			got = f.String()
		}
		if read.Requests[0].Unsure() != (c.want != "") {
			t.Errorf("%s: unsure %t", name, c.want == "")
		}
		if got != c.want || (read.Garbled() != nil) != (c.want != "" && !strings.Contains(c.want, "too large") && !strings.Contains(c.want, "chunks") && !strings.Contains(c.want, "said to be")) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// The box repeats the request, and the client gets the first answer.
func TestAnsweredByTheSame(t *testing.T) {
	events := polled(said{"", "MSG"}, said{"", "MSG"})
	again := polled(said{}, said{"", "MSG 1"})
	for _, e := range again {
		if e.Hop == 1 {
			e.Conn = 2
			if e.Exchange > 0 {
				e.Exchange = 2
			}
			e.At += time.Millisecond
			events = append(events, e)
		}
	}
	if f := New(events, Facts{Reader: reading.MSN{}}).Requests[0].Falsified(); f != nil {
		t.Errorf("%s", f)
	}
}

// Whoever reads what stands behind an answer takes it for the beginning of the
// next; on another connection all is well.
func TestBehindSurplusBytes(t *testing.T) {
	events := polled(said{"", "MSG 1"})
	for i, conn := range []int{1, 2} {
		for _, e := range polled(said{"", "MSG"}) {
			e.At += time.Duration(i+1) * time.Second
			if e.Conn = conn; e.Exchange > 0 {
				e.Exchange = i + 2
			}
			events = append(events, e)
		}
	}
	surplus := history.Event{At: 100 * time.Millisecond, From: history.AtHop, Conn: 1, Exchange: 1, Kind: history.Surplus, Data: []byte("x")}
	for _, r := range New(slices.Clone(events), Facts{Reader: reading.MSN{}}).Requests {
		if f := r.Falsified(); f != nil {
			t.Errorf("request %d, behind nothing: %s", r.Ordinal, f)
		}
	}
	read := New(slices.Insert(fires(events, 0), 5, surplus), Facts{Reader: reading.MSN{}})
	for i, want := range []string{"", "bytes that belong to no answer stand before it, by the fault f", ""} {
		f := read.Requests[i].Falsified()
		if f == nil && want != "" || f != nil && f.String() != want {
			t.Errorf("request %d: %v, want %q", i+1, f, want)
		}
	}
}

// Only what the gateway itself answered whole can have been falsified, and only
// what was answered further on can be where the answer came from.
func TestNotFalsified(t *testing.T) {
	const gzipped = "Content-Encoding: gzip\r\n"
	page := polled(said{gzipped, "MSG 1"}, said{"", "MSG 1"})
	for i := range page {
		if page[i].Kind == history.AnswerHead && page[i].Hop == 0 {
			page[i].Status, page[i].Data = 502, []byte("HTTP/1.1 502 Bad Gateway\r\n"+gzipped+"\r\n")
		}
	}
	silent := polled(said{"", "MSG"}, said{"", "MSG 1"})
	silent = slices.DeleteFunc(silent, func(e history.Event) bool { return e.Hop == 1 && e.Kind == history.AnswerDone })
	for name, events := range map[string][]history.Event{"a box's own page": page, "nothing came from beyond": silent} {
		if f := New(events, Facts{Reader: reading.MSN{}}).Requests[0].Falsified(); f != nil {
			t.Errorf("%s: %s", name, f)
		}
	}
}

// Where the fault strikes at the last hop nobody has seen the answer as it was: the
// fault itself says what became of it.
func TestFalsifiedAtTheLastHop(t *testing.T) {
	for effect, missing := range map[string]bool{
		"length wrong -5": true, "length wrong +5": false, "chunked with wrong-size": false,
	} {
		events := polled(said{"", "MSG"})
		events = fires(events, 0)
		events[len(events)-1].Fault = "hop 0: on NS poll 1, answer: " + effect
		r := New(events, Facts{Reader: reading.MSN{}}).Requests[0]
		if f := r.Falsified(); f == nil || f.Missing != missing || !r.Unsure() {
			t.Errorf("%s: %v", effect, f)
		}
		further := fires(events, 0) // strikes the same exchange, and makes nothing untrue
		if f := New(further, Facts{Reader: reading.MSN{}}).Requests[0].Falsified(); f == nil || f.Missing != missing {
			t.Errorf("%s, and another fault: %v", effect, f)
		}
	}
	for _, length := range []string{"Content-Length: 3\r\nContent-Length: 8\r\n", "Content-Length: 3, 3\r\n"} {
		if r := New(fires(polled(said{length, "MSG"}), 0), Facts{Reader: reading.MSN{}}).Requests[0]; r.Falsified() == nil || !r.Unsure() {
			t.Errorf("%q is not in doubt", length)
		}
	}
	if f := New(fires(polled(said{"", "MSG"}), 0), Facts{Reader: reading.MSN{}}).Requests[0].Falsified(); f != nil {
		t.Errorf("by any other fault: %v", f)
	}
}
