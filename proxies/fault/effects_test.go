package fault

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gauntlet/proxies/http1"
)

// script is an Injection that lists what is asked of it and edits an answer.
type script struct {
	asked   []string
	answer  Answer
	request string
	earlier map[Source]Answer
	pacers  map[Direction]Pacer
	found   Found
	drawn   []int
}

func (s *script) says(format string, a ...any) { s.asked = append(s.asked, fmt.Sprintf(format, a...)) }

func (s *script) Refuse()               { s.says("refuse") }
func (s *script) End(how string)        { s.says("end %s", how) }
func (s *script) CutPeer(how string)    { s.says("cut peer %s", how) }
func (s *script) CutBox(how string)     { s.says("cut box %s", how) }
func (s *script) Ignore()               { s.says("ignore") }
func (s *script) HalfClose(d Direction) { s.says("half-close %d", d) }
func (s *script) Stall()                { s.says("stall") }
func (s *script) Blackhole()            { s.says("blackhole") }
func (s *script) Move()                 { s.says("move") }
func (s *script) Pace(d Direction, p Pacer) {
	s.says("pace %d", d)
	s.pacers[d] = p
}
func (s *script) Swallow(d Direction)                   { s.says("swallow %d", d) }
func (s *script) Limit(d Direction, n int, how string)  { s.says("limit %d %d %s", d, n, how) }
func (s *script) DelayEnd(d Direction, t time.Duration) { s.says("delay end %d %v", d, t) }
func (s *script) After(t time.Duration, then func()) {
	s.says("after %v", t)
	then()
}
func (s *script) Hold(d Direction, t time.Duration)         { s.says("hold %d %v", d, t) }
func (s *script) Flow(f Flow, d Direction, t time.Duration) { s.says("flow %d %d %v", f, d, t) }
func (s *script) EditHead(edit func([]byte) []byte)         { s.answer.Head = edit(s.answer.Head) }
func (s *script) EditBody(edit func([]byte) []byte)         { s.answer.Body = edit(s.answer.Body) }
func (s *script) Precede(interim []byte)                    { s.answer.Interim = slices.Concat(s.answer.Interim, interim) }
func (s *script) EditAnswer(edit func(Answer) Answer)       { s.answer = edit(s.answer) }
func (s *script) Replace(a Answer)                          { s.answer = a }
func (s *script) Repeat(gives Which)                        { s.says("repeat %d", gives) }
func (s *script) RequestHead() []byte                       { return []byte(s.request) }
func (s *script) Lead(edit func(Found) Found)               { s.found = edit(s.found) }
func (s *script) Draw(n int) float64 {
	s.drawn = append(s.drawn, n)
	return 0.5
}
func (s *script) Earlier(which Source) (Answer, bool) {
	a, ok := s.earlier[which]
	return a, ok
}

// fire has the effect act on an answer.
func fire(t *testing.T, effect string, s *script) *script {
	t.Helper()
	landmark := ""
	for _, at := range []string{"answer", "forward", "end"} {
		if _, err := Parse("hop 0: on request 1, "+at+": "+effect, Vocabulary{}); err == nil {
			landmark = at
			break
		}
	}
	line := "hop 0: on request 1, " + landmark + ": " + effect
	for _, trigger := range []string{"on connection 1", "on lookup 1"} {
		if other := "hop 0: " + trigger + ": " + effect; landmark == "" {
			if _, err := Parse(other, Vocabulary{}); err == nil {
				line = other
			}
		}
	}
	f, err := Parse(line, Vocabulary{})
	if err != nil {
		t.Fatal(err)
	}
	s.pacers = map[Direction]Pacer{}
	f.Effect.Fire(s)
	return s
}

func TestEffectsOnConnections(t *testing.T) {
	tried := map[string]bool{}
	for effect, want := range map[string]string{
		"close": "end FIN", "reset": "end RST", "reset client": "cut peer RST", "reset box": "cut box RST", "cut client": "cut peer FIN", "cut box": "cut box FIN",
		"half-close": "half-close 1", "half-close to client": "half-close 1", "half-close to box": "half-close 0", "drop": "ignore", "stall": "stall", "stall for 2s": "hold 0 2s|hold 1 2s", "blackhole": "blackhole", "client moves": "move", "refuse": "refuse",
		"delay 1s": "pace 0|pace 1", "bandwidth 9": "pace 0|pace 1", "dribble 3 bytes every 1s": "pace 0|pace 1", "dribble 3 bytes every 1s to client": "pace 1", "dribble 3 bytes every 1s to box": "pace 0",
		"delay 1s to client": "pace 1", "delay 1s jitter 1s to box": "pace 0", "bandwidth 9 to box": "pace 0", "dribble 3 bytes every 1s vary 2 to client": "pace 1",
		"close later 1s": "after 1s|end FIN", "reset later 1s": "after 1s|end RST",
		"delay end 2s": "delay end 0 2s|delay end 1 2s", "delay end 2s to client": "delay end 1 2s", "limit 5 bytes": "limit 0 5 FIN|limit 1 5 FIN", "limit 0 bytes then reset to box": "limit 0 0 RST", "limit 9 bytes then close": "limit 0 9 FIN|limit 1 9 FIN",
		"swallow": "swallow 0|swallow 1", "swallow to client": "swallow 1", "swallow for 3s to box": "swallow 0|after 3s|end FIN",
		"kill flow": "flow 0 1 0s", "forget flow": "flow 1 1 0s", "reject flow": "flow 2 1 0s", "lose flow to client": "flow 3 1 0s", "lose flow to box for 3s": "flow 3 0 3s",
		"repeat": "repeat 0", "repeat after drop": "repeat 1", "hold 2s": "hold 1 2s", "coalesce 2s": "hold 1 2s",
	} {
		for name := range connectionEffects() {
			tried[name] = tried[name] || strings.HasPrefix(effect+" ", name+" ")
		}
		if got := strings.Join(fire(t, effect, &script{}).asked, "|"); got != want {
			t.Errorf("%s: %q, want %q", effect, got, want)
		}
	}
	for name := range connectionEffects() {
		if !tried[name] {
			t.Errorf("%s is not tried", name)
		}
	}
}

func TestEffectsOnNames(t *testing.T) {
	was := Found{Addresses: []string{"192.0.2.1", "192.0.2.2"}, After: time.Second}
	for effect, want := range map[string]Found{
		"no such name": {After: time.Second}, "lead to 192.0.2.9": {[]string{"192.0.2.9"}, time.Second, 0}, `lead to "fd00::1"`: {[]string{"fd00::1"}, time.Second, 0},
		"late 2s": {was.Addresses, 3 * time.Second, 0}, "ipv6 first dead": {append([]string{Unreached}, was.Addresses...), time.Second, 0},
		"ipv6 first refused": {append([]string{Unreached}, was.Addresses...), time.Second, 0}, "ttl 20s": {was.Addresses, time.Second, 20 * time.Second},
	} {
		if got := fire(t, effect, &script{found: was}).found; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", effect, got, want)
		}
	}
	if got := fire(t, "ttl 20s", &script{found: Found{TTL: time.Second}}).found.TTL; got != time.Second {
		t.Errorf("an answer that is kept already is kept for %v more", got)
	}
}

func TestEffectsOnAnswers(t *testing.T) {
	const ok, fields, body = "HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\nX-Id: a b\r\n", "QNG 2"
	const chunks = ok + "X-Id: a b\r\nTransfer-Encoding: chunked\r\n\r\n"
	other := Answer{Head: []byte("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"), Body: []byte("x")}
	for effect, want := range map[string]string{
		"coalesce 1s": ok + fields + "\r\n" + body, "continue": "HTTP/1.1 100 Continue\r\n\r\n" + ok + fields + "\r\n" + body,
		"chunked":         ok + "X-Id: a b\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nQNG 2\r\n0\r\n\r\n",
		"http1.0":         "HTTP/1.0 200 OK\r\nX-Id: a b\r\nContent-Length: 5\r\n\r\n" + body + "FIN",
		"length wrong +2": ok + "X-Id: a b\r\nContent-Length: 7\r\n\r\n" + body, "length wrong -9": ok + "X-Id: a b\r\nContent-Length: 0\r\n\r\n" + body,
		"length missing": ok + "X-Id: a b\r\n\r\n" + body + "FIN", "length twice": ok + "Content-Length: 5\r\n" + fields + "\r\n" + body,
		"truncate 3": ok + fields + "\r\nQNGFIN", "truncate 5": ok + fields + "\r\n" + body,
		"drop header x-id": ok + "Content-Length: 5\r\n\r\n" + body, "duplicate header X-ID": ok + fields + "X-Id: a b\r\n\r\n" + body,
		"recase header x-ID": ok + "Content-Length: 5\r\nx-ID: a b\r\n\r\n" + body, "fold header X-Id": ok + "Content-Length: 5\r\nX-Id: a\r\n b\r\n\r\n" + body,
		"add header A b": ok + fields + "A: b\r\n\r\n" + body, "lower-case headers": ok + "content-length: 5\r\nx-id: a b\r\n\r\n" + body,
		"reorder headers": ok + "X-Id: a b\r\nContent-Length: 5\r\n\r\n" + body, "stale answer": ok + "Content-Length: 1\r\n\r\nx", "crossed answer": ok + fields + "\r\n" + body,
		"cached":      ok + fields + "\r\n" + body,
		"interim 102": "HTTP/1.1 102 Processing\r\n\r\n" + ok + fields + "\r\n" + body, `interim 103 with "Link: <a>" with "B: c, d"`: "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\nB: c, d\r\n\r\n" + ok + fields + "\r\n" + body,
		"length differs +2": ok + "Content-Length: 5\r\nContent-Length: 7\r\nX-Id: a b\r\n\r\n" + body, "length differs -9": ok + "Content-Length: 5\r\nContent-Length: 0\r\nX-Id: a b\r\n\r\n" + body, "length differs +2 as list": ok + "Content-Length: 7, 5\r\nX-Id: a b\r\n\r\n" + body, "length listed": ok + "Content-Length: 5, 5\r\nX-Id: a b\r\n\r\n" + body,
		"chunked with wrong-size": chunks + "6\r\nQNG 2\r\n0\r\n\r\n", "chunked with no-end": chunks + "5\r\nQNG 2\r\nFIN", "chunked with extension": chunks + "5;note=\"a, b\"\r\nQNG 2\r\n0\r\n\r\n", "chunked with trailer": chunks + "5\r\nQNG 2\r\n0\r\nX-Trailer: 1\r\n\r\n",
		"corrupt body": ok + fields + "\r\nQNF 2", "corrupt body byte 1": ok + fields + "\r\nPNG 2", "corrupt body byte 99": ok + fields + "\r\nQNG 3", "corrupt head byte 3": "HTUP/1.1 200 OK\r\n" + fields + "\r\n" + body,
		"surplus 3": ok + fields + "\r\n" + body + "|sur", "surplus 10": ok + fields + "\r\n" + body + "|surplus\nsu", "answer twice": ok + fields + "\r\n" + body + "|" + ok + fields + "\r\n" + body,
		`add header A "b, c: d"`: ok + fields + "A: b, c: d\r\n\r\n" + body, "large head 14": ok + fields + "X-Padding: x\r\n\r\n" + body,
	} {
		s := fire(t, effect, &script{answer: Answer{Head: []byte(ok + fields + "\r\n"), Body: []byte(body)}, earlier: map[Source]Answer{SameConnection: other}})
		got := string(s.answer.Bytes()) + s.answer.Then
		if len(s.answer.After) > 0 {
			got += "|" + string(s.answer.After)
		}
		if got != want {
			t.Errorf("%s:\n got %q\nwant %q", effect, got, want)
		}
	}
}

// What was framed in another way is framed anew, and what is not meant stays as
// it is.
func TestEffectsOnOtherAnswers(t *testing.T) {
	const ok, chunks = "HTTP/1.1 200 OK\r\n", "4\r\nQNG \r\n1\r\n2\r\n0\r\n\r\n"
	const long = "PRP MFN a%20name%20of%20thirty-three"
	for _, c := range []struct{ effect, head, body, want string }{
		{"length missing", ok + "Transfer-Encoding: chunked\r\n", chunks, ok + "\r\nQNG 2FIN"},
		{"length wrong +1", ok + "Transfer-Encoding: chunked\r\n", chunks, ok + "Content-Length: 6\r\n\r\nQNG 2"},
		{"http1.0", ok + "Transfer-Encoding: chunked\r\n", chunks, "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nQNG 2FIN"},
		{"http1.0", "HTTP/1.0 200 OK\r\nX: y\r\n", "QNG 2", "HTTP/1.0 200 OK\r\nX: y\r\n\r\nQNG 2"},
		{"chunked", ok, long, ok + "Transfer-Encoding: chunked\r\n\r\n10\r\n" + long[:16] + "\r\n10\r\n" + long[16:32] + "\r\n4\r\n" + long[32:] + "\r\n0\r\n\r\n"},
		{"chunked with wrong-size", ok, long, ok + "Transfer-Encoding: chunked\r\n\r\n11\r\n" + long[:16] + "\r\n10\r\n" + long[16:32] + "\r\n4\r\n" + long[32:] + "\r\n0\r\n\r\n"},
		{"length wrong -1", ok + "Content-Length: 0\r\nX: y\r\n", "", ok + "Content-Length: 0\r\nX: y\r\n\r\n"},
		{"truncate 0", ok, "QNG 2", ok + "\r\nFIN"},
		{"gzip", ok + "Content-Length: 0\r\n", "", ok + "Content-Length: 0\r\n\r\n"},
		{"gzip", ok + "Content-Encoding: br\r\n", "QNG 2", ok + "Content-Encoding: br\r\n\r\nQNG 2"},
		{"fold header X-Id", ok + "X-Id: ab\r\n", "", ok + "X-Id: \r\n ab\r\n\r\n"},
		{"recase header X-ID", ok + "x-id:ab\r\nY: x-id\r\n", "", ok + "X-ID:ab\r\nY: x-id\r\n\r\n"},
	} {
		s := fire(t, c.effect, &script{answer: Answer{Head: []byte(c.head + "\r\n"), Body: []byte(c.body)}})
		if got := string(s.answer.Bytes()) + s.answer.Then; got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.effect, got, c.want)
		}
	}
}

// A body that is dropped leaves a request that is whole without it; a byte that is
// corrupt is its neighbour.
func TestEffectsOnRequests(t *testing.T) {
	const head = "POST / HTTP/1.1\r\nHost: h\r\n"
	for effect, want := range map[string]string{
		"drop body":           head + "Content-Length: 0\r\n\r\n",
		"drop body in chunks": head + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"corrupt head byte 1": "QOST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nMSG 1",
		"corrupt body byte 5": head + "Content-Length: 5\r\n\r\nMSG 0",
		"corrupt body byte 9": head + "Content-Length: 5\r\n\r\nMSG 0",
		"corrupt body":        head + "Content-Length: 5\r\n\r\nMSF 1", // chance says in the middle
	} {
		s := fire(t, effect, &script{answer: Answer{Head: []byte(head + "Content-Length: 5\r\n\r\n"), Body: []byte("MSG 1")}})
		if got := string(s.answer.Bytes()); got != want {
			t.Errorf("%s: %q, want %q", effect, got, want)
		}
	}
}

// A request that came in chunks has none left over.
func TestTheBodyOfARequestInChunksIsDropped(t *testing.T) {
	const head = "POST / HTTP/1.1\r\nHost: h\r\n"
	for effect, want := range map[string]string{"drop body": head + "Content-Length: 0\r\n\r\n", "drop body in chunks": head + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"} {
		s := fire(t, effect, &script{answer: Answer{Head: []byte(head + "Transfer-Encoding: chunked\r\n\r\n"), Body: []byte("5\r\nMSG 1\r\n0\r\n\r\n")}})
		if got := string(s.answer.Bytes()); got != want {
			t.Errorf("%s: %q, want %q", effect, got, want)
		}
	}
}

func TestCompressed(t *testing.T) {
	s := fire(t, "gzip", &script{answer: Answer{Head: []byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), Body: []byte("QNG 2")}})
	r, err := gzip.NewReader(bytes.NewReader(s.answer.Body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if want := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Encoding: gzip\r\n\r\n", len(s.answer.Body)); err != nil || string(plain) != "QNG 2" || string(s.answer.Head) != want {
		t.Errorf("%q, %v; head %q, want %q", plain, err, s.answer.Head, want)
	}
}

// What was answered before is given again if there is such an answer, of that
// source and no other.
func TestEarlierAnswers(t *testing.T) {
	was, now := Answer{Body: []byte("was")}, Answer{Body: []byte("now")}
	for effect, source := range map[string]Source{"stale answer": SameConnection, "crossed answer": OtherConnection, "cached": SameKind} {
		for _, known := range []Source{SameConnection, OtherConnection, SameKind} {
			want := now
			if known == source {
				want = was
			}
			if s := fire(t, effect, &script{answer: now, earlier: map[Source]Answer{known: was}}); !s.answer.Equal(want) {
				t.Errorf("%s, of source %d: %q", effect, known, s.answer.Body)
			}
		}
	}
}

func TestEqualAnswers(t *testing.T) {
	a := Answer{Head: []byte("h"), Body: []byte("b"), Then: FIN}
	for _, b := range []Answer{{Head: []byte("x"), Body: a.Body, Then: FIN}, {Head: a.Head, Body: []byte("x"), Then: FIN}, {Head: a.Head, Body: a.Body}} {
		if !a.Equal(a) || a.Equal(b) {
			t.Errorf("%+v and %+v", a, b)
		}
	}
}

func TestHTTP10IsKeptIfThatWasAskedByName(t *testing.T) {
	for request, kept := range map[string]bool{"Connection: Keep-Alive": true, "proxy-connection: keep-alive": true, "Connection: close": false, "X: keep-alive": false} {
		s := fire(t, "http1.0", &script{answer: Answer{Head: []byte("HTTP/1.1 200 OK\r\n\r\n")}, request: "GET / HTTP/1.1\r\n" + request + "\r\n\r\n"})
		if strings.Contains(string(s.answer.Head), "\r\nConnection: keep-alive\r\n") != kept || (s.answer.Then == "") != kept {
			t.Errorf("%s: %q %s", request, s.answer.Head, s.answer.Then)
		}
	}
	s := fire(t, "http1.0", &script{answer: Answer{Head: []byte("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")}, request: "GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n"})
	if s.answer.Then != FIN {
		t.Error("an answer that closes is kept")
	}
	s = fire(t, "http1.0", &script{answer: Answer{Head: []byte("HTTP/1.1 200 OK\r\n\r\n"), Then: FIN}, request: "GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n"})
	if s.answer.Then != FIN || strings.Contains(string(s.answer.Head), "keep-alive") {
		t.Error("an answer behind which another effect closes is kept")
	}
}

func TestPages(t *testing.T) {
	for effect, want := range map[string][]string{
		"status 400": {"400 Bad Request", "Bad Request"}, "status 403": {"403 Forbidden", "Forbidden"}, "status 404": {"404 Not Found", "Not Found"},
		"status 407": {"407 Proxy Authentication Required", "Proxy Authentication Required", `Proxy-Authenticate: Basic realm="proxy"`},
		"status 417": {"417 Expectation Failed", "Expectation Failed"}, "status 429": {"429 Too Many Requests", "Too Many Requests", "Retry-After: 5"},
		"status 500": {"500 Internal Server Error", "Internal Server Error"}, "status 502": {"502 Bad Gateway", "Bad Gateway"},
		"status 503": {"503 Service Unavailable", "Service Unavailable", "Retry-After: 5"}, "status 504": {"504 Gateway Timeout", "Gateway Timeout"},
		"redirect": {"302 Found", "Moved", "Location: http://login.example/login"}, "redirect to a.example": {"302 Found", "Moved", "Location: http://a.example/login"},
		"portal":     {"200 OK", "Welcome! Please sign in to use this network", "Cache-Control: no-store"},
		"status 405": {"405 Method Not Allowed", "Method Not Allowed", "Allow: GET, HEAD"}, "status 451": {"451 Unavailable For Legal Reasons", "Unavailable For Legal Reasons"},
		"status 402": {"402 Payment Required", "Payment Required"}, "status 522": {"522 Connection Timed Out", "Connection Timed Out"}, "status 527": {"527 Error", "Error"},
		`status 429 with "Retry-After: 17"`: {"429 Too Many Requests", "Too Many Requests", "Retry-After: 17"}, `status 503 with "A: b" with "C: d"`: {"503 Service Unavailable", "Service Unavailable", "Retry-After: 5", "A: b", "C: d"},
		`status 407 with "Proxy-Authenticate: NTLM"`: {"407 Proxy Authentication Required", "Proxy Authentication Required", "Proxy-Authenticate: NTLM"},
		"redirect 301": {"301 Moved Permanently", "Moved", "Location: http://login.example/login"}, "redirect to /here": {"302 Found", "Moved", "Location: /here"},
		"redirect 308 to https://b.example:8443/c,d": {"308 Permanent Redirect", "Moved", "Location: https://b.example:8443/c,d"},
	} {
		body := "<html><head><title>" + want[1] + "</title></head><body><h1>" + want[1] + "</h1></body></html>\n"
		fields := append([]string{"HTTP/1.1 " + want[0], "Content-Type: text/html"}, want[2:]...)
		page := strings.Join(append(fields, fmt.Sprint("Content-Length: ", len(body)), "", body), "\r\n")
		if got := string(fire(t, effect, &script{}).answer.Bytes()); got != page {
			t.Errorf("%s: %q, want %q", effect, got, page)
		}
	}
}

// What products say goes beyond the standard; a status that nobody knows has no words.
func TestStatusesOfProducts(t *testing.T) {
	said := map[string]int{}
	for status := 400; status < 600; status++ {
		words := strings.TrimPrefix(statusLine(status), fmt.Sprint(status, " "))
		if words == "Error" {
			continue
		}
		if other := said[words]; words == "" || other != 0 && status != 431 { // some say of 430 what 431 means
			t.Errorf("%d and %d are both %q", status, other, words)
		}
		said[words] = status
	}
	for _, status := range []int{420, 430, 440, 444, 449, 450, 498, 499, 509, 520, 521, 522, 523, 524, 525, 526, 530, 598, 599} {
		if statusLine(status) == fmt.Sprint(status, " Error") {
			t.Errorf("%d has no words", status)
		}
	}
}

func TestADateFromNow(t *testing.T) {
	head := http1.Parse(fire(t, `status 503 with "Retry-After: {date+1h}"`, &script{}).answer.Head)
	if now, err := http.ParseTime(head.Get("Date")); err != nil || head.Count("Date") != 1 {
		t.Errorf("its own date is %v (%v)", now, err)
	}
	at, err := http.ParseTime(head.Get("Retry-After"))
	if left := time.Until(at); err != nil || left < 58*time.Minute || left > time.Hour {
		t.Errorf("%q: %v", head.Get("Retry-After"), err)
	}
}

func TestAPageThatCloses(t *testing.T) {
	for effect, then := range map[string]string{`status 502 with "Connection: close"`: FIN, `status 502 with "connection:close"`: FIN, `status 502 with "Connection: keep-alive"`: "", "status 502": ""} {
		if got := fire(t, effect, &script{}).answer.Then; got != then {
			t.Errorf("%s: %q", effect, got)
		}
	}
}

func TestALargeHeadIsAsLargeAsItSays(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\n\r\n"
	for _, n := range []int{1, 12, 13, 14, 4096, 4097, 4100, 4108, 4109, 5000, 8193, 65536} {
		got := len(fire(t, fmt.Sprint("large head ", n), &script{answer: Answer{Head: []byte(head)}}).answer.Head)
		if more := got - len(head); more != max(n, len("X-Padding: \r\n")) {
			t.Errorf("%d: %d bytes more", n, more)
		}
	}
}

// flow is how long n bytes take, admitted as the pacer says.
func flow(p Pacer, n int) (took time.Duration, pieces []int) {
	now := time.Unix(1000, 0)
	began := now
	for n > 0 {
		m, again := p.Admit(now, n)
		if m == 0 {
			now = again
			continue
		}
		n -= m
		pieces = append(pieces, m)
	}
	return now.Sub(began), pieces
}

func TestPacers(t *testing.T) {
	for effect, want := range map[string]struct {
		took   time.Duration
		pieces []int
	}{
		"delay 1s":                        {time.Second, []int{10}},
		"delay 1s jitter 2s":              {2 * time.Second, []int{10}},
		"bandwidth 100":                   {80 * time.Millisecond, []int{2, 2, 2, 2, 2}}, // the last piece has its time behind it
		"bandwidth 1":                     {9 * time.Second, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
		"dribble 4 bytes every 1s":        {2 * time.Second, []int{4, 4, 2}},
		"dribble 10 bytes every 1s":       {0, []int{10}},
		"dribble 3 bytes every 1s vary 2": {3 * time.Second, []int{3, 3, 3, 1}}, // chance says the middle
	} {
		if took, pieces := flow(fire(t, effect, &script{}).pacers[ToPeer], 10); took != want.took || !slices.Equal(pieces, want.pieces) {
			t.Errorf("%s: %v, %v", effect, took, pieces)
		}
	}
}

// Two directions that chance makes slow are not slow in step: each has numbers of its own.
func TestEachDirectionHasDrawsOfItsOwn(t *testing.T) {
	for _, effect := range []string{"delay 1s jitter 1s", "dribble 4 bytes every 1s vary 2"} {
		s := fire(t, effect, &script{})
		for n := range 6 { // each waits, and passes
			now := time.Unix(1000, 0).Add(time.Duration(n) * 10 * time.Second)
			s.pacers[ToBox].Admit(now, 10)
			s.pacers[ToPeer].Admit(now, 10)
		}
		if seen := slices.Compact(slices.Sorted(slices.Values(s.drawn))); len(seen) < 4 || len(seen) != len(s.drawn) {
			t.Errorf("%s: drew %v", effect, s.drawn)
		}
	}
}

// Chance makes a piece larger as well as smaller, by so much at most; none is empty.
func TestPiecesVaryEitherWay(t *testing.T) {
	for _, c := range []struct {
		draw             float64
		size, vary, want int
	}{{0, 3, 2, 1}, {0.3, 3, 2, 2}, {0.7, 3, 2, 4}, {0.999, 3, 2, 5}, {0, 3, 3, 1}, {0.999, 3, 0, 3}, {0, 3, 0, 3}} {
		d := &dribbling{draw: func(int) float64 { return c.draw }, size: c.size, vary: c.vary, every: time.Second}
		if got, _ := d.Admit(time.Unix(1000, 0), 100); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// What comes within a millisecond belongs to what came before; what comes later
// waits anew, and so does each piece of a direction that is slow.
func TestPacersGoOn(t *testing.T) {
	began := time.Unix(1000, 0)
	for effect, steps := range map[string][]struct {
		at, again time.Duration // again is 0 for what passes
	}{
		"delay 2s": {{0, 2 * time.Second}, {time.Second, 2 * time.Second}, {2 * time.Second, 0}, {2*time.Second + burst, 0},
			{2*time.Second + 2*burst + 1, 4*time.Second + 2*burst + 1}, {5 * time.Second, 0}},
		"bandwidth 100":            {{0, 0}, {19 * time.Millisecond, 20 * time.Millisecond}, {20 * time.Millisecond, 0}, {39 * time.Millisecond, 40 * time.Millisecond}},
		"dribble 1 bytes every 3s": {{0, 0}, {time.Second, 3 * time.Second}, {3 * time.Second, 0}, {5 * time.Second, 6 * time.Second}},
	} {
		p := fire(t, effect, &script{}).pacers[ToBox]
		for i, s := range steps {
			n, again := p.Admit(began.Add(s.at), 2)
			if want := began.Add(s.again); s.again == 0 && n == 0 || s.again > 0 && (n != 0 || !again.Equal(want)) {
				t.Errorf("%s: at %v (%d), %d bytes pass, again after %v", effect, s.at, i, n, again.Sub(began))
			}
		}
	}
}

// The greatest delay that an effect causes.
func TestMostDelay(t *testing.T) {
	for line, want := range map[string]struct {
		late    time.Duration
		bounded bool
	}{
		"reset": {0, true}, "stall for 5s": {5 * time.Second, true}, "delay 300ms jitter 1s": {1300 * time.Millisecond, true}, "coalesce 2s": {2 * time.Second, true},
		"corrupt head byte 5": {0, true}, "bandwidth 100": {0, false}, "dribble 1 bytes every 2s": {2 * time.Second, false}, "lose flow to box for 3s": {3 * time.Second, false},
		"unheard of": {0, false},
	} {
		words := strings.Fields(line)
		e := Effect{Name: words[0], Args: words[1:]}
		if _, two := (Effect{Name: strings.Join(words[:min(2, len(words))], " ")}).Kind(); two && len(words) > 1 {
			e = Effect{Name: strings.Join(words[:2], " "), Args: words[2:]}
		}
		if late, bounded := e.MostDelay(); late != want.late || bounded != want.bounded {
			t.Errorf("%s: %s, %t", line, late, bounded)
		}
	}
}
