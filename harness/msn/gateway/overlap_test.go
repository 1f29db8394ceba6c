package gateway

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/msn/msnhttp"
)

const chunkedPoll = "POST /gateway/gateway.dll?Action=poll&SessionID=ID HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"

// What comes on a connection while a poll is pending dooms the session at the
// first byte in which it is another request.
func TestOverlapOnOneConnection(t *testing.T) {
	poll := "POST /gateway/gateway.dll?Action=poll&SessionID=ID HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
	command := strings.Replace(strings.Replace(poll, "Action=poll&", "", 1), "h: 0\r\n\r\n", "h: 9\r\n\r\nSYN 1 0\r\n", 1)
	for name, c := range map[string]struct {
		first, then string
		doomed      bool
	}{
		"nothing":                     {poll, "", false},
		"blank lines":                 {poll, "\r\n\r\n\n", false},
		"another":                     {poll, command, true},
		"the beginning of another":    {poll, "POST /gateway/gateway.dll?S", true},
		"the same":                    {poll, poll, false},
		"the beginning of the same":   {poll, poll[:40], false},
		"the same and another":        {poll, poll + command, true},
		"the same behind blank lines": {poll, "\r\n\r\n" + poll, false},
		"what is no HTTP":             {poll, "\x16\x03\x01", true},
		"another behind chunks":       {chunkedPoll, command, true},
		"the same behind chunks":      {chunkedPoll, chunkedPoll, false},
		"another behind a command":    {command, poll, true},
		"one that differs in a field": {poll, strings.Replace(poll, "Host: h", "Host: g", 1), true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := newStage(t, Dialect{Think: time.Second})
				defer st.close()
				conn := st.client()
				defer conn.Close()
				b := bufio.NewReader(conn)
				_, h, _ := roundTrip(t, conn, b, openRequest)
				for _, part := range []string{c.first, c.then} {
					if _, err := io.WriteString(conn, strings.ReplaceAll(part, "ID HTTP", h.SessionID+" HTTP")); err != nil {
						t.Fatal(err)
					}
					time.Sleep(100 * time.Millisecond)
				}
				r, err := http.ReadResponse(b, nil)
				if err != nil {
					t.Fatal(err)
				}
				h, err = msnhttp.ParseSessionHeader(r.Header.Get(msnhttp.HeaderName))
				if err != nil || h.Close != c.doomed {
					t.Errorf("answer %+v (%v), want close %v", h, err, c.doomed)
				}
				if !c.doomed || !strings.HasPrefix(c.then, "POST") || !strings.Contains(c.then, "\r\n\r\n") || strings.HasPrefix(c.then, c.first) {
					return
				}
				_ = r.Body.Close() // nothing is in it
				got, err := io.ReadAll(b)
				if !strings.HasPrefix(string(got), "HTTP/1.1 400 ") || !strings.HasSuffix(string(got), ReasonOverlap+"\r\n") || err != nil {
					t.Errorf("the later is answered by %q, %v", got, err)
				}
			})
		})
	}
}

// Who repeats a pending request on a connection of its own, and begins another behind it,
// breaks the same rule.
func TestOverlapBehindADuplicate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newStage(t, Dialect{Think: time.Second})
		defer st.close()
		one, other := st.client(), st.client()
		_, h, _ := roundTrip(t, one, bufio.NewReader(one), openRequest)
		for c, text := range map[net.Conn]string{one: "", other: "POST /gateway/gateway.dll?S"} {
			_, _ = io.WriteString(c, pollRequest(h.SessionID)+text)
		}
		for _, c := range []net.Conn{one, other} {
			if _, h, _ := roundTrip(t, c, bufio.NewReader(c), ""); !h.Close {
				t.Errorf("%+v", h)
			}
			_ = c.Close()
		}
	})
}

// What stands between two requests is taken out; all else passes.
func TestBlankLinesAreTakenOut(t *testing.T) {
	const request = "GET / HTTP/1.1\r\n\r\n"
	for text, want := range map[string]string{
		request: request, "\r\n\n" + request: request, request + "\r\n" + request: request + request, request + "\r\n": request, "\x16\x03\r\n": "?", "\r\n": "",
	} {
		var l lane
		l.feed([]byte(text))
		got := ""
		for _, in := range l.arrived {
			got += string(in.head)
			if in.astray {
				got += "?"
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// A request is compared with the one before it in whatever pieces it comes, and
// what differs once is never the same again.
func TestDuplicatesInPieces(t *testing.T) {
	long := strings.Repeat("x", longestDuplicate)
	for name, c := range map[string]struct {
		before string
		pieces []string
		want   bool // it differs
	}{
		"nothing before it":             {"", []string{"a"}, true},
		"the same":                      {"abc", []string{"abc"}, false},
		"the same in pieces":            {"abc", []string{"a", "bc"}, false},
		"its beginning":                 {"abc", []string{"a", "b"}, false},
		"the same and more":             {"abc", []string{"abc", "d"}, true},
		"it differs at first":           {"abc", []string{"x", "b", "c"}, true},
		"it differs at last":            {"abc", []string{"a", "b", "x"}, true},
		"as long as can be remembered":  {long, []string{long}, false},
		"longer than can be remembered": {long + "x", []string{long, "x"}, true},
	} {
		var d duplicate
		for _, request := range [][]string{{c.before}, c.pieces} {
			d.begins()
			for _, piece := range request {
				if piece != "" {
					d.comes([]byte(piece))
				}
			}
		}
		if d.differs != c.want {
			t.Errorf("%s: differs %t", name, d.differs)
		}
	}
}
