package wire

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"gauntlet/proxies/fault"
	"gauntlet/proxies/http1"
)

// reply is the box's nth answer; ask is the peer's nth request.
func reply(n int) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Id: a; b=%d\r\n\r\nQNG %d", n, n)
}

func ask(n int) string {
	return fmt.Sprintf("POST /NS/poll HTTP/1.1\r\nConnection: %s\r\nContent-Length: 5\r\n\r\nMSG %d", []string{"Keep-Alive", "close-x"}[n/3], n)
}

// converse plays a peer that asks three times and a box that answers whatever
// it is asked, in pieces of size n on the network.
func converse(t *testing.T, o Options, n int) (toBox, toPeer string, tap *Tap) {
	t.Helper()
	inner := &scripted{}
	for i := range 3 {
		inner.reads = append(inner.reads, cut(ask(i+1), n)...)
	}
	tap = New(o)
	c, _ := tap.wrap(inner, attempt{id: 1})
	var asked stream
	answers := 0
	for one := make([]byte, 1); ; {
		if _, err := c.Read(one); err != nil {
			break
		}
		toBox += string(one)
		for _, m := asked.step(one); m != 0; _, m = asked.step(nil) {
			if m&http1.Began != 0 {
				_, m = asked.step(one)
			}
			if m&http1.Done != 0 {
				answers++
				for _, piece := range cut(reply(answers), n) {
					_, _ = io.WriteString(c, piece)
				}
			}
			break
		}
	}
	_ = c.Close()
	_ = tap.Close()
	return toBox, strings.Join(inner.written, ""), tap
}

// page is what a proxy says of its own.
func page(status, title string, fields ...string) string {
	body := "<html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>\n"
	fields = append(fields, fmt.Sprintf("Content-Length: %d", len(body)))
	return "HTTP/1.1 " + status + "\r\nContent-Type: text/html\r\n" + strings.Join(fields, "\r\n") + "\r\n\r\n" + body
}

func badGateway() string { return page("502 Bad Gateway", "Bad Gateway") }

// zipped compresses; a buffer takes all, so that nothing can fail.
func zipped(plain []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(plain)
	_ = w.Close()
	return b.Bytes()
}

// messages are the effects on messages: how each is armed, what the box then
// gets, what the peer gets. All strike the second of three exchanges.
func messages() map[string][2]string {
	requests := ask(1) + ask(2) + ask(3)
	second := func(edited string) [2]string { return [2]string{requests, reply(1) + edited + reply(3)} }
	last := func(edited string) [2]string { return [2]string{ask(1) + ask(2), reply(1) + edited} }
	instead := func(page string) [2]string { return [2]string{ask(1) + ask(3), reply(1) + page + reply(2)} }
	onward := func(request string) [2]string {
		return [2]string{ask(1) + request + ask(3), reply(1) + reply(2) + reply(3)}
	}
	head, body := "HTTP/1.1 200 OK\r\n", "QNG 2"
	return map[string][2]string{
		"forward: status 502":                instead(badGateway()),
		"forward: status 407":                instead(page("407 Proxy Authentication Required", "Proxy Authentication Required", `Proxy-Authenticate: Basic realm="proxy"`)),
		"answer: status 503":                 second(page("503 Service Unavailable", "Service Unavailable", "Retry-After: 5")),
		"forward: redirect":                  instead(page("302 Found", "Moved", "Location: http://login.example/login")),
		"answer: redirect to a.example":      second(page("302 Found", "Moved", "Location: http://a.example/login")),
		"forward: portal":                    instead(page("200 OK", "Welcome! Please sign in to use this network", "Cache-Control: no-store")),
		"forward: cached":                    {ask(1) + ask(3), reply(1) + reply(1) + reply(2)},
		"forward: repeat":                    {ask(1) + ask(2) + ask(2) + ask(3), reply(1) + reply(2) + reply(4)},
		"forward: repeat after drop":         {ask(1) + ask(2) + ask(2) + ask(3), reply(1) + reply(3) + reply(4)},
		"answer: stale answer":               second(reply(1)),
		"answer: coalesce 1ns":               second(reply(2)),
		"answer: hold 1ns":                   second(reply(2)),
		"answer: continue":                   second("HTTP/1.1 100 Continue\r\n\r\n" + reply(2)),
		"answer: chunked":                    second(head + "X-Id: a; b=2\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nQNG 2\r\n0\r\n\r\n"),
		"answer: gzip":                       second(fmt.Sprintf("%sX-Id: a; b=2\r\nContent-Length: %d\r\nContent-Encoding: gzip\r\n\r\n%s", head, len(zipped([]byte(body))), zipped([]byte(body)))),
		"answer: http1.0":                    second("HTTP/1.0 200 OK\r\nX-Id: a; b=2\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n" + body),
		"answer: length wrong -2":            second(head + "X-Id: a; b=2\r\nContent-Length: 3\r\n\r\n" + body),
		"answer: length wrong +7":            second(head + "X-Id: a; b=2\r\nContent-Length: 12\r\n\r\n" + body),
		"answer: length missing":             last(head + "X-Id: a; b=2\r\n\r\n" + body),
		"answer: length twice":               second(head + "Content-Length: 5\r\nContent-Length: 5\r\nX-Id: a; b=2\r\n\r\n" + body),
		"answer: truncate 3":                 last(head + "Content-Length: 5\r\nX-Id: a; b=2\r\n\r\nQNG"),
		"answer: drop header x-id":           second(head + "Content-Length: 5\r\n\r\n" + body),
		"answer: duplicate header X-Id":      second(head + "Content-Length: 5\r\nX-Id: a; b=2\r\nX-Id: a; b=2\r\n\r\n" + body),
		"answer: recase header x-ID":         second(head + "Content-Length: 5\r\nx-ID: a; b=2\r\n\r\n" + body),
		"answer: fold header X-Id":           second(head + "Content-Length: 5\r\nX-Id: a;\r\n b=2\r\n\r\n" + body),
		"answer: fold header Content-Length": second(head + "Content-Length: \r\n 5\r\nX-Id: a; b=2\r\n\r\n" + body),
		"answer: add header X-Cache HIT":     second(head + "Content-Length: 5\r\nX-Id: a; b=2\r\nX-Cache: HIT\r\n\r\n" + body),
		"answer: lower-case headers":         second(head + "content-length: 5\r\nx-id: a; b=2\r\n\r\n" + body),
		"answer: interim 103":                second("HTTP/1.1 103 Early Hints\r\n\r\n" + reply(2)),
		"answer: length differs -2":          second(head + "Content-Length: 5\r\nContent-Length: 3\r\nX-Id: a; b=2\r\n\r\n" + body),
		"answer: length differs +2 as list":  second(head + "Content-Length: 7, 5\r\nX-Id: a; b=2\r\n\r\n" + body),
		"answer: length listed":              second(head + "Content-Length: 5, 5\r\nX-Id: a; b=2\r\n\r\n" + body),
		"answer: large head 20":              second(head + "Content-Length: 5\r\nX-Id: a; b=2\r\nX-Padding: xxxxxxx\r\n\r\n" + body),
		"answer: corrupt body byte 1":        second(strings.Replace(reply(2), "QNG", "PNG", 1)),
		"answer: corrupt head byte 8":        second(strings.Replace(reply(2), "HTTP/1.1", "HTTP/1.0", 1)),
		"answer: chunked with extension":     second(head + "X-Id: a; b=2\r\nTransfer-Encoding: chunked\r\n\r\n5;note=\"a, b\"\r\nQNG 2\r\n0\r\n\r\n"),
		"answer: chunked with trailer":       second(head + "X-Id: a; b=2\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nQNG 2\r\n0\r\nX-Trailer: 1\r\n\r\n"),
		"answer: chunked with no-end":        last(head + "X-Id: a; b=2\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nQNG 2\r\n"),
		"answer: surplus 3":                  second(reply(2) + "sur"),
		"answer: answer twice":               second(reply(2) + reply(2)),
		`answer: status 429 with "A: b, c"`:  second(page("429 Too Many Requests", "Too Many Requests", "Retry-After: 5", "A: b, c")),
		"head: status 413":                   instead(page("413 Request Entity Too Large", "Request Entity Too Large")),
		"head: portal":                       instead(page("200 OK", "Welcome! Please sign in to use this network", "Cache-Control: no-store")),
		"forward: redirect 307 to https://b": instead(page("307 Temporary Redirect", "Moved", "Location: https://b")),
		"forward: corrupt body byte 1":       onward(strings.Replace(ask(2), "MSG", "LSG", 1)),
		"forward: corrupt head byte 1":       onward("Q" + ask(2)[1:]),
		"forward: drop body":                 onward(strings.Replace(ask(2), "Content-Length: 5\r\n\r\nMSG 2", "Content-Length: 0\r\n\r\n", 1)),
		"forward: drop body in chunks":       onward(strings.Replace(ask(2), "Content-Length: 5\r\n\r\nMSG 2", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 1)),
		"forward: add header Via \"1.1 p\"":  onward(strings.Replace(ask(2), "\r\n\r\n", "\r\nVia: 1.1 p\r\n\r\n", 1)),
		"forward: drop header connection":    onward(strings.Replace(ask(2), "Connection: Keep-Alive\r\n", "", 1)),
		"answer: reorder headers":            second(head + "X-Id: a; b=2\r\nContent-Length: 5\r\n\r\n" + body),
	}
}

func TestEffectsOnMessages(t *testing.T) {
	for what, want := range messages() {
		t.Run(what, func(t *testing.T) {
			line := "hop 0: on poll 2, " + what
			for _, n := range []int{1, 2, 3, 7, 17, 40, 71, 500} {
				l := &log{}
				toBox, toPeer, tap := converse(t, options(t, l, line), n)
				if toBox != want[0] || toPeer != want[1] {
					t.Fatalf("pieces of %d:\nthe box got   %q\nwant          %q\nthe peer got  %q\nwant          %q\n%s", n, toBox, want[0], toPeer, want[1], l.lines())
				}
				if on := tap.Fired()[line]; fmt.Sprint(on) != "[1]" || !strings.Contains(l.lines(), "1/2 fired "+line) {
					t.Fatalf("pieces of %d: fired on %v\n%s", n, on, l.lines())
				}
			}
		})
	}
}

// One request has one answer: of two faults that give it another, the first does, and what
// the box does not get it gets neither twice nor changed.
func TestTwoAnswersToOneRequest(t *testing.T) {
	for _, pair := range [][2]string{
		{"head", "head: portal"}, {"head", "forward: portal"}, {"head", "forward: repeat"}, {"head", "forward: add header X y"},
		{"forward", "forward: portal"}, {"forward", "forward: repeat"}, {"forward", "forward: add header X y"},
	} {
		first, second := "hop 0: on poll 2, "+pair[0]+": status 502", "hop 0: on poll 2, "+pair[1]
		toBox, toPeer, tap := converse(t, options(t, nil, first, second), 500)
		if toBox != ask(1)+ask(3) || toPeer != reply(1)+badGateway()+reply(2) || len(tap.Fired()[first]) != 1 || len(tap.Fired()[second]) != 0 {
			t.Errorf("%s: the box got %q, the peer %q, fired %v", pair, toBox, toPeer, tap.Fired())
		}
	}
}

// What the box has got a part of already is neither kept from it nor changed: a request with
// a method of which nobody has heard, or one that had begun before the fault was in force.
func TestRequestsOfWhichTheBoxHasGotAPart(t *testing.T) {
	odd := strings.Replace(request, "POST", "post", 1)
	for _, effect := range []string{"head: status 413", "forward: status 502", "forward: drop body", "forward: add header X y"} {
		line := "hop 0: on poll 1, " + effect
		for _, n := range []int{1, 9} {
			for _, sent := range []string{request, odd} {
				o := options(t, nil, line)
				if sent == request {
					o = Options{Standing: true, Label: words}
				}
				inner := &scripted{reads: cut(sent, n)}
				tap := New(o)
				c, _ := tap.wrap(inner, attempt{id: 1})
				got := readN(t, c, n)
				if sent == request {
					tap.Rearm(options(t, nil, line).Faults)
				}
				rest, err := io.ReadAll(c)
				if got += string(rest); got != sent || err != nil || len(inner.written)+len(tap.Fired()) > 0 {
					t.Errorf("%s, in pieces of %d: the box got %q, %v, the peer %q, fired %v", line, n, got, err, inner.written, tap.Fired())
				}
				_ = tap.Close()
			}
		}
	}
}

// A word that only the body tells is known in time all the same.
func TestAnswersInPlaceOfTheBoxsByTheBodysWord(t *testing.T) {
	line := "hop 0: on MSG 2, forward: status 502"
	for _, n := range []int{1, 2, 3, 7, 17, 40, 71, 500} {
		toBox, toPeer, tap := converse(t, options(t, nil, line), n)
		if toBox != ask(1)+ask(3) || toPeer != reply(1)+badGateway()+reply(2) || len(tap.Fired()[line]) != 1 {
			t.Fatalf("pieces of %d: the box got %q, the peer %q", n, toBox, toPeer)
		}
	}
}

func TestHowOftenAnEffectOnMessagesFires(t *testing.T) {
	for often, want := range map[string]string{
		"": "x23", ", 2 times": "xx3", ", every 2nd": "x2x", ", with p=1": "xxx", ", until 1h": "xxx", ", until 1ns": "123", ", once": "x23",
	} {
		line := "hop 0: on poll 1, answer: status 502" + often
		_, toPeer, tap := converse(t, options(t, nil, line), 500)
		var expected string
		for i, c := range want {
			if c == 'x' {
				expected += badGateway()
			} else {
				expected += reply(i + 1)
			}
		}
		text := strings.TrimSuffix(line, ", once")
		if toPeer != expected || len(tap.Fired()[text]) != strings.Count(want, "x") {
			t.Errorf("%q: the peer got %q, fired %v", often, toPeer, tap.Fired())
		}
	}
}

// What is not there cannot be disturbed, and then nothing has fired.
func TestEffectsWithNothingToActUpon(t *testing.T) {
	for _, line := range []string{
		"hop 0: on poll 1, end: kill flow", "hop 0: on poll 1, end: client moves", // neither a path nor another address
		"hop 0: on poll 1, answer: stale answer", "hop 0: on poll 1, forward: cached", "hop 0: on poll 1, forward: drop header X-None", "hop 0: on poll 2, answer: crossed answer",
		"hop 0: on poll 2, answer: drop header X-None", "hop 0: on poll 2, answer: fold header X-None",
		"hop 0: on poll 2, answer: recase header X-Id", "hop 0: on poll 2, answer: truncate 5",
	} {
		toBox, toPeer, tap := converse(t, options(t, nil, line), 11)
		if toBox != ask(1)+ask(2)+ask(3) || toPeer != reply(1)+reply(2)+reply(3) || len(tap.Fired()) != 0 {
			t.Errorf("%s: the box got %q, the peer %q, fired %v", line, toBox, toPeer, tap.Fired())
		}
	}
}

// A primitive does nothing where there is nothing left to act upon: no connection, none in
// use any more, no exchange.
func TestPrimitivesWithNothingToActUpon(t *testing.T) {
	for name, kind := range fault.Effects() {
		at := kind.Places()[0]
		line := "hop 0: on request 1, " + at + ": " + kind.Example(name)
		if at == "accept" || at == "lookup" {
			line = "hop 0: on " + map[string]string{"accept": "connection", "lookup": "lookup"}[at] + " 1: " + kind.Example(name)
		}
		f, err := fault.Parse(line, fault.Vocabulary{})
		if err != nil {
			t.Fatal(err)
		}
		l := &log{}
		o := options(t, l)
		o.Path = &road{}
		o.Move = func() error { t.Errorf("%s: somebody moves", line); return nil }
		tap := New(o)
		wrapped, _ := tap.wrap(&scripted{}, attempt{id: 1})
		c := wrapped.(*conn)
		_ = tap.Close()
		l.events = nil
		for _, s := range []strike{{tap: tap, id: 1}, {tap: tap, id: 1, conn: c}} {
			if s.conn != nil && name == "client moves" || s.conn == nil && f.Effect.OfAttempts() {
				continue // to where it goes the others that it has go, too; and where there is no connection there is an attempt
			}
			s.hit = fault.Hit{Fault: &f, Text: line}
			newInjection(s).run()
		}
		if len(tap.Fired()) > 0 || len(l.events) > 0 || len(c.alarms.set) > 0 {
			t.Errorf("%s: fired %v, happened %q, %d alarms are set", line, tap.Fired(), l.lines(), len(c.alarms.set))
		}
	}
}

// An answer that ends with the connection is edited when it has ended; one that was to be
// longer arrives as far as it came.
func TestEditedAtTheEndOfTheConnection(t *testing.T) {
	const endless, short = "HTTP/1.1 200 OK\r\nX-Id: a\r\n\r\nQNG 1", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nQNG"
	for _, c := range []struct{ what, said, want string }{
		{"answer: coalesce 1ns", endless, endless},
		{"answer: chunked", endless, "HTTP/1.1 200 OK\r\nX-Id: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nQNG 1\r\n0\r\n\r\n"},
		{"answer: truncate 3", endless, endless[:len(endless)-2]},
		{"answer: drop header x-id", endless, "HTTP/1.1 200 OK\r\n\r\nQNG 1"},
		{"answer: chunked", short, short},
		{"answer: chunked", short[:9], short[:9]},
		{"forward: repeat after drop", endless, ""}, // the second is the peer's
	} {
		for _, n := range []int{1, 7, 500} {
			l := &log{}
			_, toPeer, events := relay(t, options(t, l, "hop 0: on poll 1, "+c.what), l, n, request, c.said)
			if toPeer != c.want {
				t.Errorf("%s in pieces of %d: the peer got %q, want %q\n%s", c.what, n, toPeer, c.want, events)
			}
		}
	}
}

// What is kept of an answer is its beginning: one that is longer is not given again.
func TestAnAnswerTooLongToBeKept(t *testing.T) {
	for size, again := range map[int]bool{maxBody: true, maxBody + 1: false} {
		l, long := &log{}, strings.Repeat("x", size)
		first := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", size, long)
		want := first + answer
		if again {
			want = first + first
		}
		if _, toPeer, _ := relay(t, options(t, l, "hop 0: on poll 2, answer: stale answer"), l, 64<<10, request, first, request, answer); toPeer != want {
			t.Errorf("after %d bytes the peer gets %d, want %d", size, len(toPeer), len(want))
		}
	}
}

// Nor does the box get a request once more of which only the beginning is kept.
func TestARequestTooLongToBeRepeated(t *testing.T) {
	for size, again := range map[int]bool{maxBody: true, maxBody + 256<<10: false} {
		head := "POST /poll HTTP/1.1\r\nContent-Length: "
		head += fmt.Sprintf("%d\r\n\r\n", size-len(head)-len("1000000\r\n\r\n"))
		long := head + strings.Repeat("x", size-len(head))
		tap := New(options(t, nil, "hop 0: on poll 1, forward: repeat"))
		c, _ := tap.wrap(&scripted{reads: cut(long, 64<<10)}, attempt{id: 1})
		got, err := io.ReadAll(c)
		want := long
		if again {
			want += long
		}
		if string(got) != want || err != nil || len(tap.Fired()) > 0 != again {
			t.Errorf("of %d bytes the box gets %d, want %d; %v, fired %v", len(long), len(got), len(want), err, tap.Fired())
		}
		_ = tap.Close()
	}
}

// An answer that ends with the connection has not ended for a peer that hears no end.
func TestAnAnswerThatNobodyHearsEnd(t *testing.T) {
	const endless = "HTTP/1.1 200 OK\r\n\r\nQNG 1"
	for effect, done := range map[string]bool{"half-close to client": false, "blackhole": false, "cut client": false, "cut box": false, "delay 1ns": true} {
		line := "hop 0: on poll 1, response byte 21: " + effect
		inStreet(t, func(s *street, peer, box net.Conn) {
			send(t, peer, request)
			readN(t, box, len(request))
			_, _ = io.WriteString(box, endless) // some of it may be swallowed
			_ = box.Close()
			time.Sleep(time.Minute)
			s.fired(line, 1)
			if got := s.log.lines(); strings.Contains(got, "answer done") != done {
				t.Errorf("%s: %s", effect, got)
			}
		}, line)
	}
}

// An answer with two lengths ends where it does, for us who made it.
func TestAnAnswerWithTwoLengthsEnds(t *testing.T) {
	for _, line := range []string{"hop 0: on poll 2, answer: length differs +2", "hop 0: on poll 2, answer: length differs -2", "hop 0: on poll 2, answer: length differs +2 as list", "hop 0: on poll 2, answer: length listed"} {
		l := &log{}
		converse(t, options(t, l, line), 7)
		if n := strings.Count(l.lines(), "answer done"); n != 3 || strings.Contains(l.lines(), "opaque") {
			t.Errorf("%s: %d answers are done\n%s", line, n, l.lines())
		}
	}
}

// An answer that ends with the connection does so also behind one of our making, or with
// another head.
func TestAnAnswerWithoutALengthEndsWithTheConnection(t *testing.T) {
	for what, given := range map[string]int{"poll 1, answer: chunked": len(endless), "poll 2, answer: add header A b": len(endless + "A: b\r\n")} {
		l := &log{}
		_, _, events := relay(t, options(t, l, "hop 0: on "+what), l, 7, request, answer, request, endless)
		if !inOrder(events, []string{"1/1 answer done", fmt.Sprintf(`1/2 answer done NS+poll+MSG 502 given %d "sorry"`, given)}) {
			t.Errorf("%s: %s", what, events)
		}
	}
}

func TestHTTP10IsKeptOnlyIfAsked(t *testing.T) {
	line := "hop 0: on poll 3, answer: http1.0"
	_, toPeer, _ := converse(t, options(t, nil, line), 500)
	if want := reply(1) + reply(2) + "HTTP/1.0 200 OK\r\nX-Id: a; b=3\r\nContent-Length: 5\r\n\r\nQNG 3"; toPeer != want {
		t.Errorf("the peer got %q", toPeer)
	}
}

func TestGzipUnpacks(t *testing.T) {
	r, err := gzip.NewReader(bytes.NewReader(zipped([]byte("QNG 2"))))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != "QNG 2" {
		t.Errorf("%q, %v", got, err)
	}
}

// Every effect can be written at every place where it means something.
func TestEveryEffectCanBeWritten(t *testing.T) {
	for name, kind := range fault.Effects() {
		for _, at := range kind.Places() {
			line := "hop 0: on request 1, " + strings.NewReplacer("byte", "byte 3", "idle", "idle 1s", "field", "field Date").Replace(at) + ": " + kind.Example(name)
			switch at {
			case "accept":
				line = "hop 0: on connection 1: " + kind.Example(name)
			case "lookup":
				line = "hop 0: on lookup 2: " + kind.Example(name)
			case "moment":
				line = "hop 0: at 5s: " + kind.Example(name)
			}
			if f, err := fault.Parse(line, fault.Vocabulary{}); err != nil || f.String() != line {
				t.Errorf("%s: %v %s", line, err, f)
			}
		}
	}
}

// An answer that is too long to be collected is handed on as it is.
func TestAnswersTooLongToEdit(t *testing.T) {
	for size, edited := range map[int]bool{maxBody / 2: true, maxBody + 128<<10: false} {
		l := &log{}
		whole := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", size) + strings.Repeat("x", size)
		_, toPeer, events := relay(t, options(t, l, "hop 0: on poll 1, answer: gzip"), l, 64<<10, request, whole)
		if (toPeer == whole) == edited || strings.Contains(events, "fired") != edited {
			t.Errorf("%d bytes: %d arrive, edited %t", size, len(toPeer), strings.Contains(events, "fired"))
		}
	}
}

// What the box got in the place of what the peer sent is told.
func TestRewrittenRequestsAreTold(t *testing.T) {
	l := &log{}
	toBox, _, events := relay(t, options(t, l, "hop 0: on poll 1, forward: add header X y"), l, 7, request, "")
	edited := strings.Replace(request, "5\r\n\r\n", "5\r\nX: y\r\n\r\n", 1)
	if want := fmt.Sprintf("rewritten NS+poll+MSG hop 0: on poll 1, forward: add header X y %q", edited); !strings.Contains(events, want) || !strings.HasPrefix(edited, toBox) {
		t.Errorf("the box got %q; happened:\n%s\nwant %s", toBox, events, want)
	}
}

// Only what can begin with a method is held back.
func TestWhatMayBeAMethod(t *testing.T) {
	for head, want := range map[string]bool{
		"": true, "P": true, "POST": true, "POST ": true, "AZ /": true, "post": false, "P ost": true, "\x16\x03": false, "[": false, "@": false, " ": false, "1": false,
		strings.Repeat("A", 19): true, strings.Repeat("A", 20): false, strings.Repeat("A", 19) + " ": true, strings.Repeat("A", 20) + " ": false,
	} {
		if got := mayBeMethod([]byte(head)); got != want {
			t.Errorf("%q: %t", head, got)
		}
	}
}
