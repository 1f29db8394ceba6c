package gateway

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/proxies/http1"
)

func TestNoRequests(t *testing.T) {
	long := strings.Repeat("x", 255)
	for query, want := range map[string]string{
		"Action=open&Server=NS":                  "",
		"Action=open&Server=NS&IP=h":             "",
		"Action=open&Server=SB&IP=10.0.0.1:1863": "",
		"Action=open&Server=SB&IP=" + long:       "",
		"Action=open&Server=SB&IP=x" + long:      ReasonIP,
		"Action=open&Server=SB":                  ReasonIP,
		"Action=open&Server=SB&IP=a%20b":         ReasonIP,
		"Action=open&Server=SB&IP=a%7F":          ReasonIP,
		"Action=open&Server=SB&IP=%21~":          "",
		"Action=open&Server=NS&IP=a%3Bb":         ReasonIP,
		"Action=open&Server=XX&IP=h":             ReasonServer,
		"Action=open&Server=NS&IP=h&SessionID=1": ReasonSurplusID,
		"Action=open&Server=NS&Server=NS":        ReasonRepeated,
		"Action=poll":                            ReasonNoID,
		"Action=poll&SessionID=1":                "",
		"SessionID=1":                            "",
		"Action=close&SessionID=1":               ReasonAction,
		"":                                       ReasonNoID,
	} {
		if got := wrong(asked(query)); got != want {
			t.Errorf("%.60s: %q, want %q", query, got, want)
		}
	}
	for ip, host := range map[string]string{"h": "h", "h:80": "h", "": "", "::1": "::1", "[::1]:80": "::1"} {
		if got := withoutPort(ip); got != host {
			t.Errorf("%s without a port is %s", ip, got)
		}
	}
}

// asked is the query of a request target.
func asked(query string) msnhttp.Query {
	_, q, _ := msnhttp.ParseTarget(msnhttp.Path + "?" + query) // its path is right
	return q
}

// What names no action is a command.
func TestActions(t *testing.T) {
	for query, want := range map[string]string{"SessionID=1": "command", "Action=poll&SessionID=1": "poll", "Action=open&Server=NS": "open"} {
		var r request
		if r.take(asked(query)); r.action != want {
			t.Errorf("%s: %q", query, r.action)
		}
	}
}

// served is what a gateway answers on a connection of its own; a length below 0
// says nothing of it, and the body comes in a chunk.
func served(t *testing.T, g *Gateway, method, target, body string, length int64) *http.Response {
	near, far := net.Pipe()
	defer far.Close()
	g.server.welcome(near)
	request := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", method, target, length, body)
	if length < 0 {
		request = fmt.Sprintf("%s %s HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", method, target, len(body), body)
	}
	go func() { _, _ = io.WriteString(far, request) }() // it may be answered before it is read
	r, err := http.ReadResponse(bufio.NewReader(far), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	return r
}

func TestRefusals(t *testing.T) {
	var events []history.Event
	g := New(Options{Dial: echo, Limits: Limits{Body: 10}, Observe: func(e history.Event) { events = append(events, e) }})
	defer func() { _ = g.Close() }()
	for _, c := range []struct {
		method, target, body string
		length               int64
		status               int
		reason               string
		ends                 bool
		observed             bool
	}{
		{"GET", "/gateway/gateway.dll?Action=open&Server=NS", "", 0, 405, ReasonMethod, true, true},
		{"POST", "/other?Action=open&Server=NS", "", 0, 404, ReasonPath, false, true},
		{"POST", "http:///gateway/gateway.dll?Action=open&Server=NS", "", 0, 400, ReasonTarget, false, true},
		{"POST", "/gateway/gateway.dll?Action=open&Server=YY", "", 0, 400, ReasonServer, false, true},
		{"POST", "/gateway/gateway.dll?SessionID=1.2", "", 0, 400, ReasonUnknown, false, true},
		{"POST", "/gateway/gateway.dll?SessionID=1.2", "12345678901", 11, 413, ReasonTooLarge, true, true},
		{"POST", "/gateway/gateway.dll?SessionID=1.2", "12345678901", -1, 413, ReasonTooLarge, true, true},
		{"POST", "/gateway/gateway.dll?SessionID=1.2", "1234567890", 10, 400, ReasonUnknown, false, true},
	} {
		events = nil
		r := served(t, g, c.method, c.target, c.body, c.length)
		text, _ := io.ReadAll(r.Body)
		if r.StatusCode != c.status || string(text) != c.reason+"\r\n" || r.Header.Get("Content-Length") != fmt.Sprint(len(c.reason)+2) ||
			r.Close != c.ends || r.Header.Get("Retry-After") != "" || (r.Header.Get("Allow") == "POST") != (c.status == 405) || r.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s: %d %q %v", c.target, r.StatusCode, text, r.Header)
		}
		if (len(events) == 1 && events[0].Kind == history.Rejected && events[0].Status == c.status && events[0].Text == c.reason) != c.observed {
			t.Errorf("%s: observed %+v", c.target, events)
		}
	}
	r := served(t, g, "POST", "/gateway/gateway.dll?Action=open&Server=NS", "", 0)
	if r.StatusCode != 200 || r.Header.Get("Content-Type") != msnhttp.ContentType || r.Header.Get("Content-Length") != "0" {
		t.Errorf("an open gets %d %v", r.StatusCode, r.Header)
	}
}

func TestLongHeads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		field := headBytes - len(openRequest) + len("VER 1 MSNP8 CVR0\r\n") - len("X: \r\n") // of a head that is just as long as it may be
		for length, want := range map[int]string{30_000: "HTTP/1.1 200 ", field: "HTTP/1.1 200 ", field + 1: "HTTP/1.1 431 ", 40_000: "HTTP/1.1 431 "} {
			c := st.client()
			_, _ = io.WriteString(c, strings.Replace(openRequest, "Host: h\r\n", "Host: h\r\nX: "+strings.Repeat("x", length)+"\r\n", 1))
			if got, _ := readQuiet(c); !strings.HasPrefix(got, want) {
				t.Errorf("a head of %d bytes gets %.20q", length, got)
			}
			_ = c.Close()
		}
	})
}

// A client is answered in its own version of HTTP, and told what becomes of the connection
// where that is not the usual.
func TestVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{Timeout: TimeoutTold})
		defer st.close()
		for version, want := range map[string]struct {
			line, connection string
			ends             bool
		}{
			"HTTP/1.0\r\n":                           {"HTTP/1.0 200 OK", "", true},
			"HTTP/1.0\r\nConnection: keep-alive\r\n": {"HTTP/1.0 200 OK", "keep-alive", false},
			"HTTP/1.1\r\n":                           {"HTTP/1.1 200 OK", "", false},
			"HTTP/1.1\r\nConnection: close\r\n":      {"HTTP/1.1 200 OK", "close", true},
		} {
			c := st.client()
			_, _ = io.WriteString(c, strings.Replace(openRequest, "HTTP/1.1\r\n", version, 1))
			got, ended := readQuiet(c)
			head := http1.Parse([]byte(got))
			if line, _, _ := strings.Cut(got, "\r\n"); line != want.line || head.Get("Connection") != want.connection || ended != want.ends || head.Get(msnhttp.TimeoutName) != "60" {
				t.Errorf("%q: %q, ended %t", version, got, ended)
			}
			_ = c.Close()
		}
	})
}

// Who cannot be understood is told so, and no more is read of it.
func TestWhatCannotBeReadIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		for text, want := range map[string]string{
			strings.Replace(openRequest, "Host: h", "Host : h", 1):             "HTTP/1.1 400 ",
			strings.Replace(openRequest, "HTTP/1.1", "HTTP/2.0", 1):            "HTTP/1.1 505 ",
			strings.Replace(openRequest, "Host: h", "Host: h\r\nExpect: x", 1): "HTTP/1.1 417 ",
		} {
			c := st.client()
			_, _ = io.WriteString(c, text+openRequest)
			if got, ended := readQuiet(c); !strings.HasPrefix(got, want) || strings.Count(got, "HTTP/1.1 ") != 1 || !ended {
				t.Errorf("%q, ended %t, want %s", got, ended, want)
			}
			_ = c.Close()
		}
	})
}

// A body whose chunks are none is refused as soon as that is seen: nobody waits for more.
func TestABodyThatIsNoneIsAnsweredAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		for _, chunks := range []string{"zz\r\n", "3\r\nabcd", "-1\r\n", "3\r\nabc\r\nx", "1;" + strings.Repeat("x", 20_000)} {
			c := st.client()
			began := time.Now()
			_, _ = io.WriteString(c, strings.TrimSuffix(chunkedPoll, "0\r\n\r\n")+chunks)
			said, err := io.ReadAll(c)
			if took := time.Since(began); took > time.Second || err != nil || !strings.HasPrefix(string(said), "HTTP/1.1 400 ") || !strings.HasSuffix(string(said), ReasonCutShort+"\r\n") {
				t.Errorf("%q is answered after %v by %q, %v", chunks, took, said, err)
			}
			_ = c.Close()
		}
	})
}

// A messenger that is not there is told to the client, the observer and the log,
// and takes no room.
func TestUnreachableMessenger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		st := newStage(t, Dialect{}, func(o *Options) {
			o.Logger, o.Limits.Sessions = slog.New(slog.NewTextHandler(&said, nil)), 1
		})
		defer st.close()
		for range 2 {
			c := st.client()
			_, _ = io.WriteString(c, strings.Replace(openRequest, "messenger.hotmail.com", "unreachable", 1))
			if got, _ := readQuiet(c); !strings.HasPrefix(got, "HTTP/1.1 502 ") || !strings.HasSuffix(got, ReasonNoMessenger+"\r\n") {
				t.Errorf("%q", got)
			}
			_ = c.Close()
		}
		if !strings.Contains(said.String(), "the messenger cannot be reached") || !strings.Contains(said.String(), "ip=unreachable") {
			t.Error(said.String())
		}
		if got := st.story(); strings.Count(got, "rejected · NS · open · "+ReasonNoMessenger) != 2 { // of no session
			t.Error(got)
		}
	})
}

// What the gateway does not survive ends one connection, and is told; the others are served,
// and of them nothing is told.
func TestARequestThatIsNotSurvived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		var st *stage
		st = newStage(t, Dialect{}, func(o *Options) {
			o.Logger = slog.New(slog.NewTextHandler(&said, nil))
			o.Dial = func(ctx context.Context, server, ip string) (net.Conn, error) {
				if ip == "fatal" {
					panic("no more")
				}
				return st.dial(ctx, server, ip)
			}
		})
		defer st.close()
		for ip, want := range map[string]string{"messenger.hotmail.com": "HTTP/1.1 200 ", "fatal": ""} {
			said.Reset()
			c := st.client()
			_, _ = io.WriteString(c, strings.Replace(openRequest, "messenger.hotmail.com", ip, 1))
			got, ended := readQuiet(c)
			_ = c.Close()
			time.Sleep(time.Second)
			if !strings.HasPrefix(got, want) || ended != (want == "") || strings.Contains(said.String(), "panic=\"no more\"") != ended || (said.Len() > 0) != ended {
				t.Errorf("%s: %q, ended %t, told %s", ip, got, ended, said.String())
			}
		}
	})
}

// A request that is refused takes its body with it: the next on the connection is served,
// unless there is more of it than is worth reading, or the client waits to be asked for it.
func TestTheBodyOfARefusedRequest(t *testing.T) {
	large := strings.Repeat("x", 200<<10)
	for name, c := range map[string]struct {
		fields, body string
		method       string
		want         string // the statuses, of it and of an open behind it
	}{
		"none":              {"", "", "POST", "404 200"},
		"some":              {"Content-Length: 5\r\n", "hello", "POST", "404 200"},
		"in chunks":         {"Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n", "POST", "404 200"},
		"much":              {fmt.Sprintf("Content-Length: %d\r\n", len(large)), large, "POST", "404 200"},
		"in broken chunks":  {"Transfer-Encoding: chunked\r\n", "zz\r\n", "POST", "404"},
		"too much":          {"Content-Length: 300000\r\n", "hello", "POST", "404"},
		"too much, chunked": {"Transfer-Encoding: chunked\r\n", strings.Repeat("10000\r\n"+large[:65536]+"\r\n", 5), "POST", "404"},
		"not asked for":     {"Expect: 100-continue\r\nContent-Length: 5\r\n", "hello", "POST", "404"},
		"of another method": {"Content-Length: 5\r\n", "hello", "GET", "405"},
		"of HEAD":           {"", "", "HEAD", "405"},
	} {
		synctest.Test(t, func(t *testing.T) {
			st := newStage(t, Dialect{})
			defer st.close()
			client := st.client()
			b := bufio.NewReader(client)
			go func() {
				_, _ = io.WriteString(client, c.method+" /other HTTP/1.1\r\nHost: h\r\n"+c.fields+"\r\n")
				time.Sleep(10 * time.Millisecond)
				for piece := range slices.Chunk([]byte(c.body+openRequest), 32<<10) {
					if _, err := client.Write(piece); err != nil {
						return
					}
				}
			}()
			var got []string
			for {
				r, err := http.ReadResponse(b, &http.Request{Method: c.method})
				if err != nil {
					break
				}
				said, err := io.ReadAll(r.Body)
				if ends := !strings.HasSuffix(c.want, " 200"); r.Close != ends {
					t.Errorf("%s: it ends the connection, says its head: %t", name, r.Close)
				}
				if got = append(got, fmt.Sprint(r.StatusCode)); err != nil || r.StatusCode != 200 && (len(said) == 0) != (c.method == "HEAD") {
					t.Errorf("%s: %q, %v", name, said, err)
				}
				if c.method = "POST"; r.StatusCode == 200 {
					break
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s: %q, want %s", name, got, c.want)
			}
			_ = client.Close()
			time.Sleep(time.Second) // whoever still writes is told
		})
	}
}

// A body that is too long by what its head says is not waited for.
func TestABodyThatWillBeTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{}, func(o *Options) { o.Limits.Body = 100 })
		defer st.close()
		for length, want := range map[int]string{100: "", 101: "HTTP/1.1 413 "} {
			c := st.client()
			_, _ = io.WriteString(c, strings.Replace(openRequest, "Length: 18", fmt.Sprint("Length: ", length), 1))
			if got, _ := readQuiet(c); !strings.HasPrefix(got, want) || (got == "") != (want == "") {
				t.Errorf("of %d bytes: %q", length, got)
			}
			_ = c.Close()
		}
	})
}

// What HEAD asks for has no body, whatever its head says of one.
func TestARefusalOfHEAD(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		c := st.client()
		_, _ = io.WriteString(c, "HEAD /gateway/gateway.dll HTTP/1.1\r\nHost: h\r\n\r\n")
		if got, ended := readQuiet(c); !strings.HasPrefix(got, "HTTP/1.1 405 ") || !strings.HasSuffix(got, "\r\n\r\n") || !ended {
			t.Errorf("%q, ended %t", got, ended)
		}
		_ = c.Close()
	})
}

// A client that waits to be asked for its body is, once; one that has sent it already is not.
func TestABodyIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{})
		defer st.close()
		head, body, _ := strings.Cut(strings.Replace(openRequest, "Host: h", "Host: h\r\nExpect: 100-continue", 1), "\r\n\r\n")
		for at, asked := range map[int]bool{0: true, 5: false, len(body): false} {
			c := st.client()
			_, _ = io.WriteString(c, head+"\r\n\r\n"+body[:at])
			if at < len(body) {
				got, _ := readQuiet(c)
				if (got == "HTTP/1.1 100 Continue\r\n\r\n") != asked || (got == "") == asked {
					t.Errorf("with %d bytes of the body: %q", at, got)
				}
				_, _ = io.WriteString(c, body[at:])
			}
			if got, _ := readQuiet(c); !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") {
				t.Errorf("then %q", got)
			}
			_ = c.Close()
		}
	})
}

// Two old clients open with a word that means nothing; the messenger does not hear it.
func TestAnOpenWithoutACommand(t *testing.T) {
	for body, want := range map[string]string{"None": "", "": "", "None\r\n": "None\r\n"} {
		d := newDesk(t, "documented")
		r := &request{action: msnhttp.ActionOpen, server: NS, ip: "messenger.hotmail.com", body: []byte(body)}
		if no := d.reserve(d.now, r); no != nil {
			t.Fatal(no.reason)
		}
		p := d.table.open(d.now, r)
		if got := string(bytes.Join(p.session.unsent(), nil)); got != want {
			t.Errorf("%q: the messenger hears %q", body, got)
		}
	}
}

func TestHolding(t *testing.T) {
	settle, poll := time.Second, 9*time.Second
	for _, c := range []struct {
		request request
		polls   LongPoll
		want    time.Duration
	}{
		{request{action: "open"}, LongPollIgnored, settle},
		{request{action: "open", lifespan: poll}, LongPollHonoured, settle},
		{request{action: actionCommand, body: []byte("x")}, LongPollIgnored, settle},
		{request{action: "poll", lifespan: poll}, LongPollIgnored, 0},
		{request{action: "poll", lifespan: poll}, LongPollHonoured, poll},
		{request{action: "poll"}, LongPollHonoured, 0},
		{request{action: "poll", lifespan: time.Hour}, LongPollHonoured, 2 * time.Minute},
	} {
		table := newTable(Dialect{Settle: settle, LongPoll: c.polls}, Limits{}, 1)
		if got := table.holding(&c.request); got != c.want {
			t.Errorf("%+v, %s: %v, want %v", c.request, c.polls, got, c.want)
		}
	}
}
