package fault

import (
	"fmt"
	"net/http"
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
func (s *script) Pace(d Direction, p Pacer) {
	s.says("pace %d", d)
	s.pacers[d] = p
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
func (s *script) Draw(n int) float64                        { return 0.5 }
func (s *script) Earlier(which Source) (Answer, bool) {
	a, ok := s.earlier[which]
	return a, ok
}

// fire has the effect act on an answer.
func fire(t *testing.T, effect string, s *script) *script {
	t.Helper()
	landmark := "answer"
	for _, at := range []string{"answer", "forward", "end"} {
		if _, err := Parse("hop 0: on request 1, "+at+": "+effect, Vocabulary{}); err == nil {
			landmark = at
			break
		}
	}
	line := "hop 0: on request 1, " + landmark + ": " + effect
	if (Effect{Name: effect}).OfAttempts() {
		line = "hop 0: on connection 1: " + effect
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
		"half-close": "half-close 1", "half-close to client": "half-close 1", "half-close to box": "half-close 0", "drop": "ignore", "stall": "stall", "stall for 2s": "hold 0 2s|hold 1 2s", "blackhole": "blackhole", "refuse": "refuse",
		"delay 1s": "pace 0|pace 1", "bandwidth 9": "pace 0|pace 1", "dribble 3 bytes every 1s": "pace 0|pace 1", "dribble 3 bytes every 1s to client": "pace 1", "dribble 3 bytes every 1s to box": "pace 0",
		"kill flow": "flow 0 1 0s", "forget flow": "flow 1 1 0s", "reject flow": "flow 2 1 0s", "lose flow to client": "flow 3 1 0s", "lose flow to box for 3s": "flow 3 0 3s",
		"repeat": "repeat 0", "repeat after drop": "repeat 1", "hold 2s": "hold 1 2s", "coalesce 2s": "hold 1 2s",
	} {
		tried[strings.Fields(effect)[0]] = true
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
		"length differs +2": ok + "Content-Length: 5\r\nContent-Length: 7\r\nX-Id: a b\r\n\r\n" + body, "length differs -9": ok + "Content-Length: 5\r\nContent-Length: 0\r\nX-Id: a b\r\n\r\n" + body, "length listed": ok + "Content-Length: 5, 5\r\nX-Id: a b\r\n\r\n" + body,
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
}

func TestPages(t *testing.T) {
	for effect, want := range map[string][]string{
		"status 502": {"HTTP/1.1 502 Bad Gateway\r\n", "<h1>Bad Gateway</h1>"}, "status 407": {"\r\nProxy-Authenticate: Basic"}, "status 503": {"\r\nRetry-After: 5\r\n"},
		"redirect": {"HTTP/1.1 302 ", "\r\nLocation: http://login.example/login\r\n"}, "redirect to a.example": {"http://a.example/login"}, "redirect 308 to https://b.example:8443/c,d": {"HTTP/1.1 308 Permanent Redirect\r\n", "\r\nLocation: https://b.example:8443/c,d\r\n"},
		"redirect 301": {"HTTP/1.1 301 Moved Permanently\r\n"}, "redirect to /here": {"Location: /here\r\n"},
		"status 405": {"HTTP/1.1 405 Method Not Allowed\r\n", "\r\nAllow: GET, HEAD\r\n"}, "status 451": {" 451 Unavailable For Legal Reasons\r\n"}, "status 522": {" 522 Connection Timed Out\r\n"}, "status 599": {" 599 "}, "status 402": {" 402 Payment Required\r\n"}, "status 527": {" 527 Error\r\n"},
		`status 429 with "Retry-After: 17"`: {"429 Too Many Requests\r\nContent-Type: text/html\r\nRetry-After: 17\r\nContent-Length"}, `status 503 with "A: b" with "C: d"`: {"\r\nRetry-After: 5\r\nA: b\r\nC: d\r\n"},
		`status 407 with "Proxy-Authenticate: NTLM"`: {"text/html\r\nProxy-Authenticate: NTLM\r\nContent-"}, "portal": {"HTTP/1.1 200 OK\r\n", "no-store"},
	} {
		got := string(fire(t, effect, &script{}).answer.Bytes())
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: %q lacks %q", effect, got, part)
			}
		}
	}
}

func TestADateFromNow(t *testing.T) {
	head := http1.Parse(fire(t, `status 503 with "Retry-After: {date+1h}"`, &script{}).answer.Head)
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
	for _, n := range []int{13, 14, 4096, 4100, 5000, 65536} {
		got := len(fire(t, fmt.Sprint("large head ", n), &script{answer: Answer{Head: []byte(head)}}).answer.Head)
		if more := got - len(head); more != n {
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
		"delay 1s":                  {time.Second, []int{10}},
		"delay 1s jitter 2s":        {2 * time.Second, []int{10}},
		"bandwidth 100":             {80 * time.Millisecond, []int{2, 2, 2, 2, 2}}, // the last piece has its time behind it
		"bandwidth 1":               {9 * time.Second, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
		"dribble 4 bytes every 1s":  {2 * time.Second, []int{4, 4, 2}},
		"dribble 10 bytes every 1s": {0, []int{10}},
	} {
		if took, pieces := flow(fire(t, effect, &script{}).pacers[ToPeer], 10); took != want.took || !slices.Equal(pieces, want.pieces) {
			t.Errorf("%s: %v, %v", effect, took, pieces)
		}
	}
}

func TestEachDirectionDrawsItsOwnDelays(t *testing.T) {
	var draws []int
	d := &delayed{draw: func(n int) float64 { draws = append(draws, n); return 0 }, draws: int(ToPeer)}
	d.next()
	if d.next(); !slices.Equal(draws, []int{3, 5}) {
		t.Errorf("%v", draws)
	}
}
