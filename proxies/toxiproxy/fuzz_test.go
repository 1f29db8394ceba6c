package toxiproxy

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"gauntlet/proxies/fault"
)

// silentBox disturbs nothing, and knows whether it was closed.
type silentBox struct{ closed bool }

func (*silentBox) Address() string    { return "127.0.0.1:1" }
func (*silentBox) Arm(fault.Fault)    {}
func (*silentBox) Disarm(fault.Fault) {}
func (b *silentBox) Close() error     { b.closed = true; return nil }

// Whatever a program says, it is answered, the proxies can be listed, and in the end no
// box that was stood up is open.
func FuzzServer(f *testing.F) {
	f.Add("POST", "/proxies", `{"name":"a","listen":"127.0.0.1:0","upstream":"10.0.0.1:80","enabled":true}`, "POST", "/proxies/a/toxics", `{"type":"latency","attributes":{"latency":100,"jitter":5}}`)
	f.Add("POST", "/populate", `[{"name":"a b","listen":":0","upstream":"x:1"}]`, "POST", "/proxies/a b", `{"enabled":false}`)
	f.Add("POST", "/proxies", `{"name":"../a","listen":"","upstream":"x:1"}`, "POST", "/reset", "")
	f.Add("POST", "/proxies", `{"name":"a","listen":"l","upstream":"u"}`, "POST", "/proxies/a/toxics", `{"name":"t","type":"fault","attributes":{"line":"hop 0: on request 3, answer: reset"}}`)
	f.Add("DELETE", "/proxies/a", "", "PATCH", "/proxies/a/toxics/t", `{"attributes":{"rate":-1e300},"toxicity":2}`)
	f.Fuzz(func(t *testing.T, method1, path1, body1, method2, path2, body2 string) {
		var boxes []*silentBox
		s := New(Options{Stand: func(string, string, string) (Box, error) {
			boxes = append(boxes, &silentBox{})
			return boxes[len(boxes)-1], nil
		}})
		says(t, s, method1, path1, body1)
		says(t, s, method2, path2, body2)
		var list map[string]Entry
		if err := json.Unmarshal([]byte(says(t, s, http.MethodGet, "/proxies", "")), &list); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for i, box := range boxes {
			if !box.closed {
				t.Errorf("box %d of %d is open", i, len(boxes))
			}
		}
	})
}

// says asks the server.
func says(t *testing.T, s *Server, method, path, body string) (answer string) {
	t.Helper()
	r, err := http.NewRequest(method, "http://127.0.0.1:1", strings.NewReader(body))
	if err != nil {
		t.Skip("no such request can be sent")
	}
	r.URL = &url.URL{Path: path}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code >= http.StatusInternalServerError {
		t.Errorf("%s %q %q: %d %s", method, path, body, w.Code, w.Body)
	}
	if text := w.Body.String(); strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") && !json.Valid([]byte(text)) {
		t.Errorf("%s %q %q: %q", method, path, body, text)
	}
	return w.Body.String()
}
