package upstream

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies/network"
	"gauntlet/proxies/simnet"
)

// The pool does what net/http's Transport does, byte for byte and second for second:
// whoever has goproxy in his way meets that.

// carrier is the pool or net/http's Transport.
type carrier struct {
	trip func(r *http.Request, tell func(string)) (*http.Response, error)
	end  func()
}

// teller tells as a trace of net/http does.
type teller struct{ tell func(string) }

func (w teller) Chosen(_ net.Conn, reused bool) { w.tell(fmt.Sprint("reused ", reused)) }
func (w teller) Wrote()                         { w.tell("wrote") }
func (w teller) Interim(_ context.Context, status int) error {
	w.tell(fmt.Sprint("interim ", status))
	return refuses(status)
}

func refuses(status int) error {
	if status == 199 {
		return errors.New("an odd answer")
	}
	return nil
}

func ours(o Options) carrier {
	p := New(o)
	return carrier{func(r *http.Request, tell func(string)) (*http.Response, error) {
		if _, memory := r.Body.(seekable); memory { // as a box has it sent
			whole, _ := io.ReadAll(r.Body)
			r.Body = NewMemory(whole)
		}
		return p.RoundTrip(r, teller{tell})
	}, p.CloseIdle}
}

func theirs(o Options) carrier {
	t := &http.Transport{
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			return o.Dial(ctx, "http", address)
		},
		DisableCompression: true, MaxIdleConnsPerHost: o.Kept, IdleConnTimeout: o.Idle,
		ExpectContinueTimeout: o.Continue, ResponseHeaderTimeout: o.Patience,
	}
	return carrier{func(r *http.Request, tell func(string)) (*http.Response, error) {
		return t.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
			GotConn:      func(i httptrace.GotConnInfo) { tell(fmt.Sprint("reused ", i.Reused)) },
			WroteRequest: func(httptrace.WroteRequestInfo) { tell("wrote") },
			Got1xxResponse: func(status int, _ textproto.MIMEHeader) error {
				tell(fmt.Sprint("interim ", status))
				return refuses(status)
			},
		})))
	}, t.CloseIdleConnections}
}

// seekable is a body in memory that both know.
type seekable struct{ *bytes.Reader }

func (seekable) Close() error { return nil }

// asks is a request; what is sent piece by piece comes a second apart.
func asks(method, body string, change ...func(*http.Request)) func() *http.Request {
	return func() *http.Request {
		r, _ := http.NewRequest(method, "http://gw.example/x?a=1", nil)
		r.Header.Set("X-Foo", "1")
		if body != "" {
			r.Body, r.ContentLength = seekable{bytes.NewReader([]byte(body))}, int64(len(body))
			r.GetBody = func() (io.ReadCloser, error) { return seekable{bytes.NewReader([]byte(body))}, nil }
		}
		for _, c := range change {
			c(r)
		}
		return r
	}
}

// slowly has the body come in two pieces, and perhaps with an error.
func slowly(length int64, then error) func(*http.Request) {
	return func(r *http.Request) {
		in, out := io.Pipe()
		r.Body, r.GetBody, r.ContentLength = in, nil, length
		go func() {
			_, _ = io.WriteString(out, "abc")
			time.Sleep(time.Second)
			_, _ = io.WriteString(out, "def")
			time.Sleep(time.Second)
			_ = out.CloseWithError(then)
		}()
	}
}

func field(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header[name] = []string{value} }
}

func closing(r *http.Request) { r.Close = true }

// leaving gives up after d.
func leaving(d time.Duration) func(*http.Request) {
	return func(r *http.Request) {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(d, cancel)
		*r = *r.WithContext(ctx)
	}
}

func trailing(r *http.Request) { r.Trailer = http.Header{"X-Late": {"yes"}} }

// says is a server that gives its answers in turn, on each connection from the first;
// "close" and "reset" end the connection, "wait" takes a second, "early" does not wait
// for the request's end.
func says(steps ...string) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, in *bufio.Reader) {
		for _, step := range steps {
			switch step {
			case "close":
				_ = c.Close()
			case "reset":
				_ = network.Reset(c)
			case "wait":
				time.Sleep(time.Second)
			case "take":
				if r, err := http.ReadRequest(in); err == nil {
					_, _ = io.Copy(io.Discard, r.Body)
				}
			default:
				_, _ = io.WriteString(c, step)
			}
		}
		_, _ = io.Copy(io.Discard, in)
	}
}

const fine = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

var get, post = asks("GET", ""), asks("POST", "abc")

// scenes are servers and what they are asked, one after the other a minute apart.
var scenes = map[string]struct {
	server func(net.Conn, *bufio.Reader)
	asked  []func() *http.Request
}{
	"kept":                         {says("take", fine, "take", fine, "take", fine), []func() *http.Request{get, post, asks("HEAD", "")}},
	"idle for too long":            {says("take", fine), []func() *http.Request{get, asks("GET", "", field("X-Rest", "")), get}},
	"closes after an answer":       {says("take", fine, "close"), []func() *http.Request{post, post}},
	"says that it closes":          {says("take", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"), []func() *http.Request{post, post}},
	"is told of the end":           {says("take", fine, "take", fine), []func() *http.Request{asks("POST", "abc", closing), post}},
	"HTTP/1.0":                     {says("take", "HTTP/1.0 200 OK\r\n\r\nhello", "close"), []func() *http.Request{get, get}},
	"to the end":                   {says("take", "HTTP/1.1 200 OK\r\n\r\nhel", "wait", "lo", "close"), []func() *http.Request{get}},
	"chunks":                       {says("take", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n3\r\nhel\r\n", "wait", "2\r\nlo\r\n0\r\nX-Late: 1\r\n\r\n", "take", fine), []func() *http.Request{get, get}},
	"chunks cut short":             {says("take", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n", "close"), []func() *http.Request{get}},
	"a body cut short":             {says("take", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", "wait", "reset"), []func() *http.Request{get}},
	"a body in pieces":             {says("take", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", "wait", "lo", "take", fine), []func() *http.Request{get, get}},
	"a head in pieces":             {says("take", "HTTP/1.1 200", "wait", " OK\r\nContent-Le", "wait", "ngth: 5\r\n\r\nhello"), []func() *http.Request{get}},
	"a head cut short":             {says("take", "HTTP/1.1 200 OK\r\nX: ", "close"), []func() *http.Request{get, post}},
	"nothing at all":               {says("take", "close"), []func() *http.Request{get, post}},
	"reset":                        {says("take", "reset"), []func() *http.Request{get, post}},
	"dies when it is used again":   {says("take", fine, "take", "close"), []func() *http.Request{get, get, post}},
	"reset when it is used again":  {says("take", fine, "take", "reset"), []func() *http.Request{get, post, asks("HEAD", ""), post}},
	"no HTTP":                      {says("take", "SSH-2.0\r\n\r\n"), []func() *http.Request{get}},
	"an odd length":                {says("take", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), []func() *http.Request{get}},
	"speaks unasked":               {says("take", fine, "wait", fine), []func() *http.Request{get, get}},
	"says too much":                {says("take", fine+fine), []func() *http.Request{get, get}},
	"too slow":                     {says("take", "wait", "wait", "wait", "wait", fine), []func() *http.Request{post}},
	"one leaves before the answer": {says("take", "wait", "wait", fine), []func() *http.Request{asks("POST", "abc", leaving(time.Second/2)), get}},
	"one leaves during the body":   {says("take", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhel", "wait", "wait", "lo!"), []func() *http.Request{asks("GET", "", leaving(time.Second/2)), get}},
	"interim":                      {says("take", "HTTP/1.1 103 Early\r\nX: 1\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"+fine, "take", fine), []func() *http.Request{get, get}},
	"interim that is refused":      {says("take", "HTTP/1.1 199 Odd\r\n\r\n"+fine), []func() *http.Request{get}},
	"interim and no more":          {says("take", "HTTP/1.1 103 Early\r\n\r\n", "close"), []func() *http.Request{get}},
	"no content":                   {says("take", "HTTP/1.1 204 No\r\n\r\n", "take", "HTTP/1.1 304 No\r\nContent-Length: 7\r\n\r\n", "take", fine), []func() *http.Request{get, get, get}},
	"upgrade":                      {says("take", "HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nearly", "wait", "later", "close"), []func() *http.Request{asks("GET", "", field("Connection", "Upgrade"), field("Upgrade", "x"))}},
	"101 to nothing":               {says("take", "HTTP/1.1 101 Go\r\n\r\n", "take", fine), []func() *http.Request{get, get}},
	"slow uploads":                 {says("take", fine, "take", fine), []func() *http.Request{asks("POST", "", slowly(6, nil)), asks("POST", "", slowly(-1, nil), trailing)}},
	"an upload that breaks off":    {says("take", fine), []func() *http.Request{asks("POST", "", slowly(9, errors.New("gone"))), post}},
	"an upload that is too short":  {says("take", fine), []func() *http.Request{asks("POST", "", slowly(9, nil)), post}},
	"an upload that is too long":   {says("take", fine), []func() *http.Request{asks("POST", "", slowly(4, nil)), post}},
	"answered early":               {says(fine, "wait", "take", "take", fine), []func() *http.Request{asks("POST", "", slowly(6, nil)), get}},
	"ended early":                  {says("wait", "HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno", "close"), []func() *http.Request{asks("POST", "", slowly(6, nil)), get}},
	"a big upload":                 {says("take", fine, "take", fine), []func() *http.Request{asks("POST", strings.Repeat("0123456789", 50_000)), post}},
	"asks for the body":            {says("wait", "HTTP/1.1 100 Continue\r\n\r\n", "take", fine), []func() *http.Request{asks("POST", "abc", field("Expect", "100-continue")), post}},
	"does not want the body":       {says("HTTP/1.1 417 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"), []func() *http.Request{asks("POST", "abc", field("Expect", "100-continue")), get}},
	"answers without asking":       {says("wait", "HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno", "take", "take", fine), []func() *http.Request{asks("POST", "abc", field("Expect", "100-continue")), get}},
	"never asks for the body":      {says("take", fine), []func() *http.Request{asks("POST", "abc", field("Expect", "100-continue"))}},
	"a GET in chunks":              {says("take", fine), []func() *http.Request{asks("GET", "", slowly(-1, nil))}},
	"another scheme":               {says(), []func() *http.Request{asks("GET", "", func(r *http.Request) { r.URL.Scheme = "ftp" })}},
	"nobody there":                 {says(), []func() *http.Request{asks("GET", "", func(r *http.Request) { r.URL.Host = "gw.example:81" })}},
}

// witness notes what it sees of a scene, by who was there: goroutines of one instant
// come in any order.
type witness struct {
	began time.Time

	mu   sync.Mutex
	seen map[string][]string
}

func (w *witness) note(who, what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[who] = append(w.seen[who], fmt.Sprintf("%s after %s", what, time.Since(w.began)))
}

// account is all that can be seen of a scene.
func account(t *testing.T, server func(net.Conn, *bufio.Reader), asked []func() *http.Request, by func(Options) carrier) (told string) {
	synctest.Test(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{})
		l, err := n.Host("10.0.0.9", "gw.example").Listen(":80")
		if err != nil {
			t.Fatal(err)
		}
		w := &witness{began: time.Now(), seen: map[string][]string{}}
		go w.accept(l, server)
		c := by(Options{Kept: 2, Idle: 90 * time.Second, Continue: 2 * time.Second, Patience: 3 * time.Second,
			Dial: func(ctx context.Context, _, address string) (net.Conn, error) {
				return n.Host("10.0.0.1").DialContext(ctx, "tcp", address)
			}})
		for _, ask := range asked {
			w.ask(c, ask())
			time.Sleep(time.Minute)
		}
		c.end()
		time.Sleep(time.Minute)
		_ = n.Close()
		synctest.Wait()
		for _, who := range slices.Sorted(maps.Keys(w.seen)) {
			told += who + ":\n\t" + strings.Join(w.seen[who], "\n\t") + "\n"
		}
	})
	return told
}

// ask notes what becomes of a request.
func (w *witness) ask(c carrier, r *http.Request) {
	if _, rests := r.Header["X-Rest"]; rests {
		time.Sleep(time.Minute)
	}
	resp, err := c.trip(r, func(text string) { w.note(strings.Fields(text)[0], text) })
	if err != nil {
		w.note("client", fmt.Sprintf("%v, timeout %v", err, network.IsTimeout(err)))
		return
	}
	b, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	w.note("client", fmt.Sprintf("%s %v %q %v %v %d", resp.Status, resp.Header, b, err, resp.Trailer, resp.ContentLength))
}

// accept serves connections, and notes what each of them brought when it is over.
func (w *witness) accept(l net.Listener, server func(net.Conn, *bufio.Reader)) {
	for i := 1; ; i++ {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			var got bytes.Buffer
			server(c, bufio.NewReader(io.TeeReader(c, &got)))
			w.note(fmt.Sprint("connection ", i), fmt.Sprintf("%q", got.String()))
			_ = c.Close()
		}()
	}
}

func TestDoesWhatNetHTTPDoes(t *testing.T) {
	for name, s := range scenes {
		t.Run(name, func(t *testing.T) {
			got, want := account(t, s.server, s.asked, ours), account(t, s.server, s.asked, theirs)
			if got != want {
				t.Errorf("the pool:\n%s\nnet/http:\n%s", got, want)
			}
		})
	}
}
