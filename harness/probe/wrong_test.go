package probe

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/msn/msnhttp"
	"gauntlet/proxies/http1"
)

// exchanged is one request and its answer in the hands of a front. A front may
// change both before they go on.
type exchanged struct {
	request *http.Request
	asked   string // the request's body
	status  int
	header  http.Header
	body    string
}

func (x *exchanged) poll() bool { return strings.Contains(x.request.RequestURI, "Action=poll") }
func (x *exchanged) open() bool { return strings.Contains(x.request.RequestURI, "Action=open") }

// session is the value of the session's header.
func (x *exchanged) session(change func(string) string) {
	name := msnhttp.HeaderName // which is not canonical
	if v := x.header[name]; len(v) == 1 {
		x.header[name] = []string{change(v[0])}
	}
}

// spoilt puts a front before the gateway that spoils requests, by refusing
// them with a status or changing them, and answers.
func spoilt(ask func(*exchanged) int, answer func(*exchanged)) func(*site) http.Handler {
	var one sync.Mutex
	return func(s *site) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			x := &exchanged{request: r, asked: string(body)}
			if ask != nil {
				if status := ask(x); status != 0 {
					w.WriteHeader(status)
					return
				}
			}
			s.ask(x)
			if answer != nil && x.status == 200 {
				one.Lock()
				answer(x)
				one.Unlock()
			}
			maps.Copy(w.Header(), x.header)
			if x.header.Get("Content-Length") != "" {
				w.Header()["Content-Length"] = []string{strconv.Itoa(len(x.body))}
			}
			w.WriteHeader(x.status)
			_, _ = io.Copy(w, bytes.NewBufferString(x.body))
		})
	}
}

// ask has the gateway answer what is asked, on a connection of its own.
func (s *site) ask(x *exchanged) {
	c, err := s.net.Host(gatewayIP).DialContext(context.Background(), "tcp", behindIP+":80")
	if err != nil {
		s.t.Error(err)
		return
	}
	defer c.Close()
	fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", x.request.Method, x.request.RequestURI, len(x.asked), x.asked)
	m, err := http1.Receive(bufio.NewReader(c), &http1.Reader{Answers: true, Method: x.request.Method}, 0)
	if err != nil {
		s.t.Error(err)
		return
	}
	head := http1.Parse(m.Head)
	x.status, x.header, x.body = head.Status(), http.Header{}, string(m.Body)
	for _, f := range head.Fields {
		x.header[f.Name] = append(x.header[f.Name], f.Value)
	}
}

// refusing is a front that refuses some requests with 400.
func refusing(which func(*exchanged) bool) func(*site) http.Handler {
	return spoilt(func(x *exchanged) int {
		if which(x) {
			return http.StatusBadRequest
		}
		return 0
	}, nil)
}

// wrong are gateways with one thing wrong each, by the check that has to see
// it.
func wrong() map[string]struct {
	knobs map[string]string
	front func(*site) http.Handler
} {
	type gatewayWith = struct {
		knobs map[string]string
		front func(*site) http.Handler
	}
	var held []string // of gateways that keep answers back
	first := map[string]string{}
	return map[string]gatewayWith{
		"open.answered": {nil, refusing((*exchanged).open)},
		"answer.header": {nil, spoilt(nil, func(x *exchanged) {
			if x.poll() && x.body == "" {
				delete(x.header, msnhttp.HeaderName)
			}
		})},
		"answer.gw-ip": {nil, spoilt(nil, func(x *exchanged) {
			if x.poll() {
				x.session(func(v string) string { id, _, _ := strings.Cut(v, ";"); return id })
			}
		})},
		"answer.spelling": {nil, spoilt(nil, func(x *exchanged) {
			x.header["X-Msn-Messenger"] = x.header[msnhttp.HeaderName]
			delete(x.header, msnhttp.HeaderName)
		})},
		"answer.length": {nil, spoilt(nil, func(x *exchanged) {
			delete(x.header, "Content-Length")
			x.header["Transfer-Encoding"] = []string{"chunked"}
		})},
		"answer.keeps-connection": {nil, spoilt(nil, func(x *exchanged) { x.header["Connection"] = []string{"close"} })},
		"command.replied":         {nil, spoilt(nil, func(x *exchanged) { x.body += x.body })},
		"command.in-order": {map[string]string{"settle": "1s"}, spoilt(nil, func(x *exchanged) {
			if x.body != "" && len(held) == 0 && !x.poll() {
				held, x.body = append(held, x.body), ""
				return
			}
			x.body, held = x.body+strings.Join(held, ""), nil
		})},
		"command.several": {nil, spoilt(func(x *exchanged) int {
			if one, _, more := strings.Cut(x.asked, "\r\n"); more {
				x.asked = one + "\r\n"
			}
			return 0
		}, nil)},
		"open.empty":      {nil, refusing(func(x *exchanged) bool { return x.open() && x.asked == "" })},
		"open.port":       {nil, refusing(func(x *exchanged) bool { return strings.Contains(x.request.RequestURI, ":1863") })},
		"form.absolute":   {nil, refusing(func(x *exchanged) bool { return strings.HasPrefix(x.request.RequestURI, "http:") })},
		"form.origin":     {nil, refusing(func(x *exchanged) bool { return strings.HasPrefix(x.request.RequestURI, "/") })},
		"form.user-agent": {nil, refusing(func(x *exchanged) bool { return strings.HasPrefix(x.request.UserAgent(), "Mozilla") })},
		"form.post": {nil, spoilt(func(x *exchanged) int {
			x.request.Method = http.MethodPost
			return 0
		}, nil)},
		"form.expect": {nil, spoilt(func(x *exchanged) int {
			if x.request.Header.Get("Expect") != "" {
				return http.StatusExpectationFailed
			}
			return 0
		}, nil)},
		"form.http10": {nil, spoilt(func(x *exchanged) int {
			if x.request.ProtoMinor == 0 {
				return http.StatusHTTPVersionNotSupported
			}
			return 0
		}, nil)},
		"id.next": {map[string]string{"valid": "newest", "repeat": "reject"}, spoilt(nil, func(x *exchanged) {
			x.session(func(v string) string {
				session, _, _ := strings.Cut(v, ".")
				if first[session] == "" {
					first[session] = v
				}
				return first[session]
			})
		})},
		"id.encoded": {nil, refusing(func(x *exchanged) bool { return strings.Contains(x.request.RequestURI, "%") })},
		"id.unknown": {nil, func(s *site) http.Handler {
			through := spoilt(nil, nil)(s)
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.RequestURI, "1234567890.4242") {
					return // 200
				}
				through.ServeHTTP(w, r)
			})
		}},
		"id.apart": {map[string]string{"settle": "1s"}, spoilt(nil, func(x *exchanged) {
			if held = append(held, x.body); len(held) > 1 {
				x.body, held = held[0], held[1:]
			} else {
				x.body = ""
			}
		})},
		"connection.other":    {map[string]string{"binding": "connection"}, nil},
		"request.overlapping": {map[string]string{"overlap": "allow", "think": "50ms"}, nil},
		"ping.refused":        {map[string]string{"png": "pass"}, nil},
		"end.out": {nil, spoilt(func(x *exchanged) int {
			x.asked = strings.TrimSuffix(x.asked, "OUT\r\n")
			return 0
		}, nil)},
		"end.told":   {map[string]string{"closing": "never"}, nil},
		"time.quiet": {map[string]string{"idle": "5s"}, nil},
		"time.out":   {map[string]string{"idle": "24h"}, nil},
	}
}

// Each question has a gateway of which it is the answer that something is
// wrong, and the gateway that is right fails none.
func TestEachQuestionCatchesAWrongGateway(t *testing.T) {
	for _, c := range checks() {
		if c.level == requirement.Informational {
			continue
		}
		t.Run(c.id, func(t *testing.T) {
			w, known := wrong()[c.id]
			if !known {
				t.Fatal("no gateway shows that this question can be answered with no")
			}
			r := probed(t, turned(t, w.knobs), w.front)
			got := failed(r)
			if !slices.Contains(got, c.id) {
				t.Errorf("it was not seen, but %v", got)
			}
			t.Logf("%s: also %v", c.id, slices.DeleteFunc(got, func(id string) bool { return id == c.id }))
		})
	}
}

func turned(t *testing.T, knobs map[string]string) gateway.Dialect {
	d := gateway.Dialects()["documented"]
	d.Think = 10 * time.Millisecond
	for name, value := range knobs {
		var err error
		if d, err = d.With(name, value); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// A front that spoils nothing is not what makes the difference.
func TestAFrontIsNoFailureByItself(t *testing.T) {
	r := probed(t, turned(t, nil), spoilt(nil, nil))
	if got := failed(r); len(got) > 0 {
		t.Error(got)
	}
	for _, f := range r.Findings {
		if f.Status == oracle.Inconclusive && f.ID != "request.overlapping" && f.Level != requirement.Informational {
			t.Errorf("%s: %s", f.ID, f.Observed)
		}
	}
}

func TestNobodyThere(t *testing.T) {
	s := newSite(t, gateway.Dialect{}, nil)
	defer s.close()
	if _, err := Run(t.Context(), Target{Network: s.net.Host(proberIP), Address: "10.9.0.99:80"}); err == nil || !strings.Contains(err.Error(), "nothing to probe at 10.9.0.99:80") {
		t.Error(err)
	}
}
