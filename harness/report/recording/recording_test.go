package recording

import (
	"fmt"
	"strings"
	"testing"

	"gauntlet/harness/judge/history"
)

// log is a HAR log of these entries.
func log(entries ...string) string {
	return `{"log": {"version": "1.2", "creator": {"name": "a tool", "version": "1"}, "entries": [` + strings.Join(entries, ",") + `]}}`
}

// entry is one that began at so many seconds and took 100 ms.
func entry(second int, url, more string) string {
	return fmt.Sprintf(`{"startedDateTime": "2024-05-01T12:00:%02d.000Z", "time": 100, "connection": "7",
		"request": {"method": "POST", "url": %q, "httpVersion": "HTTP/1.1", "headers": [{"name": "Host", "value": "gw"}, {"name": "Content-Length", "value": "3"}], "postData": {"text": "abc"}},
		"response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "headers": [], "content": {"size": 2, "text": "hi"}}%s}`, second, url, more)
}

func read(t *testing.T, text string) Recording {
	t.Helper()
	r, err := Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEntriesAreExchanges(t *testing.T) {
	r := read(t, log(entry(5, "http://gw/second", ""), entry(1, "http://gw/first", "")))
	list := history.Exchanges(r.Events, 0)
	if len(list) != 2 || r.Requests() != 2 || r.By != "a tool 1" || r.Format != "HAR" {
		t.Fatalf("%d exchanges in %+v", len(list), r)
	}
	x := list[0]
	if string(x.Head) != "POST http://gw/first HTTP/1.1\r\nHost: gw\r\nContent-Length: 3\r\n\r\n" || string(x.Body) != "abc" || !x.Received {
		t.Errorf("the first request is %q", x.Head)
	}
	if string(x.AnswerBody) != "hi" || x.Status != 200 || !x.Answered || x.Ended-x.Began != 100e6 || x.Conn != 1 || x.Ordinal != 1 {
		t.Errorf("its answer is %+v", x)
	}
	if list[1].Began != 4e9 || list[1].Conn != 1 || list[1].Ordinal != 2 {
		t.Errorf("the second is %+v", list[1])
	}
	if !strings.Contains(strings.Join(r.Notes, "\n"), "another order") {
		t.Errorf("nobody is told that the order was mended: %q", r.Notes)
	}
}

func TestWhatALogDoesNotShow(t *testing.T) {
	for _, test := range []struct {
		name, old, new string
		shows          func(Sight) bool
		note           string
	}{
		{"connections", `"connection": "7",`, "", func(s Sight) bool { return s.Connections }, "which connections"},
		{"HTTP/2", `"httpVersion": "HTTP/1.1", "headers": [{`, `"httpVersion": "h2", "headers": [{"name": ":path", "value": "/"}, {`, func(s Sight) bool { return s.Form }, "HTTP/2"},
		{"times", `"time": 100,`, `"time": -1,`, func(s Sight) bool { return s.Times }, "no time"},
		{"a body", `"content": {"size": 2, "text": "hi"}`, `"content": {"size": 2}`, func(s Sight) bool { return s.Whole }, "body of an answer"},
		{"a request's body", `"postData": {"text": "abc"}`, `"bodySize": 3`, func(s Sight) bool { return s.Form }, "body of a request"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := log(entry(1, "http://gw/first", ""))
			if !test.shows(read(t, text).Sight) {
				t.Fatal("it is not seen where it stands")
			}
			r := read(t, strings.Replace(text, test.old, test.new, 1))
			if test.shows(r.Sight) || !strings.Contains(strings.Join(r.Notes, "\n"), test.note) {
				t.Errorf("it is thought to be seen, or nobody is told: %+v, %q", r.Sight, r.Notes)
			}
			if strings.Contains(string(history.Exchanges(r.Events, 0)[0].Head), ":path") {
				t.Error("a field of HTTP/2 stands in a head of HTTP/1")
			}
		})
	}
}

func TestBodiesOfLogs(t *testing.T) {
	coded := strings.Replace(log(entry(1, "http://gw/first", "")), `"headers": [], "content": {"size": 2, "text": "hi"}`,
		`"headers": [{"name": "Content-Encoding", "value": "gzip"}, {"name": "Content-Length", "value": "22"}], "content": {"size": 2, "text": "aGk=", "encoding": "base64"}`, 1)
	x := history.Exchanges(read(t, coded).Events, 0)[0]
	if string(x.AnswerBody) != "hi" || string(x.AnswerHead) != "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" {
		t.Errorf("a body that was decoded stands behind %q: %q", x.AnswerHead, x.AnswerBody)
	}
}

func TestARequestWithoutAnAnswer(t *testing.T) {
	text := log(strings.Replace(entry(1, "http://gw/first", ""), `"status": 200`, `"status": 0`, 1), entry(3, "http://gw/again", ""))
	list := history.Exchanges(read(t, text).Events, 0)
	if x := list[0]; x.Answered || x.Status != 0 || x.Ended != 100e6 {
		t.Errorf("it is %+v", x)
	}
	if list[1].Conn == list[0].Conn {
		t.Error("what followed went by a connection that was lost")
	}
}

func TestWhatIsNoRecording(t *testing.T) {
	good := log(entry(1, "http://gw/first", ""))
	for _, test := range []struct{ name, text, says string }{
		{"nothing", "", "empty"},
		{"a text", "hello", "not a recording"},
		{"JSON that breaks off", good[:len(good)-20], "HAR: line 3, byte "},
		{"a wrong kind", strings.Replace(good, `"time": 100`, `"time": "long"`, 1), "HAR: line 1, byte "},
		{"another JSON", `{"log": null}`, "no log"},
		{"no entries", log(), "no HTTP request"},
		{"TLS alone", log(entry(1, "https://gw/first", "")), "no HTTP request"},
		{"no date", strings.Replace(good, "2024-05-01T", "1 May ", 1), "HAR: entry 1: startedDateTime"},
		{"a wrong coding", strings.Replace(good, `"text": "hi"`, `"text": "hi", "encoding": "rot13"`, 1), `HAR: entry 1: the body of the answer: the encoding "rot13"`},
		{"wrong Base64", strings.Replace(good, `"text": "hi"`, `"text": "h!", "encoding": "base64"`, 1), "HAR: entry 1: the body of the answer: illegal base64"},
		{"depth", `{"log": {"entries": ` + strings.Repeat("[", 20000) + `}}`, "HAR: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Read([]byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("it says %v, want %q", err, test.says)
			}
		})
	}
}
