package proxies

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elazarl/goproxy"

	"gauntlet/proxies/network"
	bare "gauntlet/proxies/plain"
	"gauntlet/proxies/simnet"
)

// The plain box does what goproxy does that stands alone behind net/http and before
// its Transport: byte for byte at both ends, and to the second.

// scene is what a client sends, a second apart, and what the server does on each of
// its connections, in turn: "head" and "take" read a request's head and all of it,
// "rest" a body of six bytes and "read" a line, "wait" takes a second, "end", "close" and
// "reset" end the connection, all else is written. That an answer overtakes a body that is
// still to come is shown with the pool alone: net/http waits for it on a mutex, and a
// bubble's time does not go on meanwhile.
type scene struct {
	sent   []string
	server []string
	reason string // why the box differs; "" where it must not
}

const (
	getting  = "GET http://gw.example/x?a=1 HTTP/1.1\r\nHost: gw.example\r\nX-FOO-bar: 1\r\n\r\n"
	counted  = "POST http://gw.example/x HTTP/1.1\r\nHost: gw.example\r\nContent-Length: 6\r\n\r\n"
	chunking = "POST http://gw.example/x HTTP/1.1\r\nHost: gw.example\r\nTransfer-Encoding: chunked\r\n\r\n"
	waiting  = "POST http://gw.example/x HTTP/1.1\r\nHost: gw.example\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n"
	tunnel   = "CONNECT gw.example:80 HTTP/1.1\r\nHost: gw.example:80\r\n\r\n"
)

// Why the box differs, where it does.
const (
	own     = "a request that is none for a proxy gets a page of the box's own, with the status that is due"
	tunnels = "the box makes tunnels itself, and nothing that the client sent at once is lost"
	resets  = "a tunnel passes a reset on as one"
	broken  = "a client whose own request broke off gets no answer, for there is nothing to answer"
	late    = "the client's body is left open until the exchange is over, for a repeat reads on: the end comes when what is being read has come"
)

var scenes = map[string]scene{
	"GET":                             {[]string{getting, getting}, []string{"take", plainAnswer, "take", plainAnswer}, ""},
	"HEAD":                            {[]string{"HEAD" + getting[3:], getting}, []string{"take", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "take", plainAnswer}, ""},
	"POST":                            {[]string{counted + "abcdef", getting}, []string{"take", plainAnswer, "take", plainAnswer}, ""},
	"POST of nothing":                 {[]string{post("http://gw.example/x", "", "Host: gw.example")}, []string{"take", plainAnswer}, ""},
	"POST in pieces":                  {[]string{counted, "abc", "def"}, []string{"take", plainAnswer}, ""},
	"POST that breaks off":            {[]string{counted, "abc", "end"}, []string{"take", plainAnswer}, broken},
	"chunked":                         {[]string{chunking + "3\r\nabc\r\n", "3\r\ndef\r\n", "0\r\nX-Late: 1\r\n\r\n", getting}, []string{"take", plainAnswer, "take", plainAnswer}, ""},
	"chunked with a trailer":          {[]string{strings.Replace(chunking, "Host", "Trailer: X-Late\r\nHost", 1) + "3\r\nabc\r\n0\r\nX-Late: 1\r\n\r\n"}, []string{"take", plainAnswer}, ""},
	"chunks that break off":           {[]string{chunking, "3\r\nabc\r\n", "end"}, []string{"take", plainAnswer}, broken},
	"chunks that are none":            {[]string{chunking, "z\r\nabc\r\n"}, []string{"take", plainAnswer}, broken},
	"expecting, and asked":            {[]string{waiting, "abcdef"}, []string{"head", "wait", "HTTP/1.1 100 Continue\r\n\r\n", "rest", plainAnswer}, ""},
	"expecting, and not asked":        {[]string{waiting, "abcdef"}, []string{"take", plainAnswer}, ""},
	"expecting, and refused":          {[]string{waiting, "abcdef"}, []string{"head", "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"}, late},
	"a method of its own":             {[]string{"FETCH" + getting[3:]}, []string{"take", plainAnswer}, ""},
	"origin form":                     {[]string{"GET /x HTTP/1.1\r\nHost: gw.example\r\n\r\n"}, []string{"take", plainAnswer}, own},
	"another scheme":                  {[]string{"GET ftp://gw.example/x HTTP/1.1\r\nHost: gw.example\r\n\r\n"}, []string{"take", plainAnswer}, ""},
	"another host in the field":       {[]string{"GET http://gw.example/x HTTP/1.1\r\nHost: other.example\r\n\r\n"}, []string{"take", plainAnswer}, ""},
	"an unknown host":                 {[]string{"GET http://nobody.example/x HTTP/1.1\r\nHost: nobody.example\r\n\r\n"}, nil, ""},
	"a port where nobody is":          {[]string{"GET http://gw.example:81/x HTTP/1.1\r\nHost: gw.example:81\r\n\r\n"}, nil, ""},
	"fields of one hop":               {[]string{strings.Replace(getting, "X-FOO", "Connection: keep-alive, X-Named\r\nX-Named: 1\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\nTE: trailers\r\nX-FOO", 1)}, []string{"take", oddAnswer}, ""},
	"HTTP/1.0":                        {[]string{"GET http://gw.example/x HTTP/1.0\r\n\r\n"}, []string{"take", plainAnswer}, ""},
	"HTTP/1.0, kept":                  {[]string{"GET http://gw.example/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET http://gw.example/x HTTP/1.0\r\n\r\n"}, []string{"take", plainAnswer, "take", plainAnswer}, ""},
	"Connection: close":               {[]string{strings.Replace(getting, "X-FOO", "Connection: close\r\nX-FOO", 1)}, []string{"take", plainAnswer}, ""},
	"two pipelined":                   {[]string{getting + counted + "abcdef"}, []string{"take", "wait", plainAnswer, "take", plainAnswer}, ""},
	"an answer before the body":       {[]string{counted + "abcdef", getting}, []string{"head", plainAnswer, "rest", "take", plainAnswer}, ""},
	"103":                             {[]string{getting}, []string{"take", "HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n", "wait", plainAnswer}, ""},
	"100 unasked":                     {[]string{counted + "abcdef"}, []string{"take", "HTTP/1.1 100 Continue\r\n\r\n" + plainAnswer}, ""},
	"204":                             {[]string{getting, getting}, []string{"take", "HTTP/1.1 204 No\r\n\r\n", "take", plainAnswer}, ""},
	"304":                             {[]string{getting, getting}, []string{"take", "HTTP/1.1 304 No\r\nETag: \"a\"\r\nContent-Length: 7\r\n\r\n", "take", plainAnswer}, ""},
	"an upgrade":                      {[]string{strings.Replace(getting, "X-FOO", "Connection: Upgrade\r\nUpgrade: x\r\nX-FOO", 1), "there\n", "end"}, []string{"take", "HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nearly", "read", "back", "close"}, ""},
	"an empty answer":                 {[]string{getting}, []string{"take", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}, ""},
	"an odd answer":                   {[]string{getting}, []string{"take", oddAnswer}, ""},
	"a chunked answer":                {[]string{getting, getting}, []string{"take", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n", "wait", "2\r\nlo\r\n0\r\n\r\n", "take", plainAnswer}, ""},
	"a chunked answer with trailer":   {[]string{getting}, []string{"take", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n3\r\nhel\r\n", "wait", "2\r\nlo\r\n0\r\nX-Late: 1\r\n\r\n"}, ""},
	"a chunked answer cut short":      {[]string{getting}, []string{"take", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n", "close"}, ""},
	"a counted answer cut short":      {[]string{getting}, []string{"take", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", "wait", "close"}, ""},
	"a counted answer reset":          {[]string{getting}, []string{"take", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", "wait", "reset"}, ""},
	"an answer until the end":         {[]string{getting, getting}, []string{"take", "HTTP/1.1 200 OK\r\n\r\nhel", "wait", "lo", "close"}, ""},
	"an answer of 1.0":                {[]string{getting}, []string{"take", "HTTP/1.0 200 OK\r\n\r\nhello", "close"}, ""},
	"an answer in gzip":               {[]string{getting}, []string{"take", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"}, ""},
	"an answer to HEAD until the end": {[]string{"HEAD" + getting[3:]}, []string{"take", "HTTP/1.1 200 OK\r\n\r\n", "close"}, ""},
	"CONNECT":                         {[]string{tunnel, "ping\n", "end"}, []string{"read", "pong", "wait", "more", "close"}, ""},
	"CONNECT, the server ends":        {[]string{tunnel, "ping\n"}, []string{"read", "pong", "close"}, ""},
	"CONNECT, and bytes at once":      {[]string{tunnel + "ping\n", "end"}, []string{"read", "pong", "close"}, tunnels},
	"CONNECT, the server speaks":      {[]string{tunnel}, []string{"hello", "wait", "close"}, ""},
	"CONNECT, reset":                  {[]string{tunnel, "ping\n"}, []string{"read", "reset"}, resets},
	"CONNECT to nobody":               {[]string{"CONNECT gw.example:81 HTTP/1.1\r\nHost: gw.example:81\r\n\r\n"}, nil, ""},
	"CONNECT of 1.0":                  {[]string{"CONNECT gw.example:80 HTTP/1.0\r\n\r\n", "ping\n"}, []string{"read", "pong", "close"}, ""},
	"no HTTP":                         {[]string{"SSH-2.0-x\r\n\r\n"}, nil, ""},
	"HTTP/2":                          {[]string{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}, nil, own},
	"a field that is none":            {[]string{"GET http://gw.example/x HTTP/1.1\r\nHost: gw.example\r\nno field\r\n\r\n"}, nil, ""},
	"no host":                         {[]string{"GET http://gw.example/x HTTP/1.1\r\n\r\n"}, []string{"take", plainAnswer}, ""},
	"two lengths":                     {[]string{"POST http://gw.example/x HTTP/1.1\r\nHost: gw.example\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"}, nil, ""},
	"a head that breaks off":          {[]string{getting[:30], "end"}, nil, ""},
	"a big head":                      {[]string{strings.Replace(getting, "X-FOO-bar: 1", "X-Big: "+strings.Repeat("a", 2<<20), 1)}, nil, ""},
	"the server resets":               {[]string{getting, counted + "abcdef"}, []string{"take", "reset"}, ""},
	"the server closes":               {[]string{getting, counted + "abcdef"}, []string{"take", "close"}, ""},
	"the server closes meanwhile":     {[]string{getting, "wait", counted + "abcdef"}, []string{"take", plainAnswer, "close"}, ""},
	"reset when it is used again":     {[]string{getting, counted + "abcdef"}, []string{"take", plainAnswer, "take", "reset"}, ""},
	"a head cut short":                {[]string{getting}, []string{"take", "HTTP/1.1 200 OK\r\nX: ", "close"}, ""},
	"the server speaks no HTTP":       {[]string{getting}, []string{"take", "SSH-2.0\r\n\r\n"}, ""},
	"the server says too much":        {[]string{getting, getting}, []string{"take", plainAnswer + plainAnswer}, ""},
	"the client leaves":               {[]string{getting, "close"}, []string{"take", "wait", "wait", "wait", plainAnswer}, ""},
}

func TestThePlainBoxDoesWhatGoproxyDoes(t *testing.T) {
	for name, s := range scenes {
		t.Run(name, func(t *testing.T) {
			box, alone := s.account(t, plainBox), s.account(t, goproxyAlone)
			switch same := box == alone; {
			case !same && s.reason == "":
				t.Errorf("the box:\n%s\ngoproxy:\n%s", box, alone)
			case same && s.reason != "":
				t.Errorf("they are the same, though %s", s.reason)
			}
		})
	}
}

func plainBox(t *testing.T, n *simnet.Net) (end func()) { return run(t, n, "forward plain", ":3128") }

// goproxyAlone is goproxy as one would set it up.
func goproxyAlone(t *testing.T, n *simnet.Net) (end func()) {
	host := n.Host("10.0.0.5")
	l, err := host.Listen(":3128")
	if err != nil {
		t.Fatal(err)
	}
	handler := bare.Proxy(host.DialContext)
	handler.(*goproxy.ProxyHttpServer).Logger = log.New(io.Discard, "", 0)
	server := &http.Server{Handler: handler}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	return func() {
		_ = server.Close()
		<-done
		_ = n.Close()
	}
}

// account is all that can be seen of a scene at both ends of a proxy.
func (s scene) account(t *testing.T, by func(*testing.T, *simnet.Net) func()) (told string) {
	synctest.Test(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{})
		l, err := n.Host("10.0.0.9", "gw.example").Listen(":80")
		if err != nil {
			t.Fatal(err)
		}
		end := by(t, n)
		w := &witness{began: time.Now()}
		go w.serve(l, s.server)
		c, err := n.Host("10.0.0.1").DialContext(context.Background(), "tcp", "10.0.0.5:3128")
		if err != nil {
			t.Fatal(err)
		}
		client := w.watch("the client")
		go client.read(c)
		for _, step := range s.sent {
			play(c, nil, step)
			time.Sleep(time.Second)
		}
		time.Sleep(time.Minute)
		told = w.told()
		_ = c.Close()
		end()
	})
	return told
}

// witness sees what arrives at both ends.
type witness struct {
	began time.Time

	mu   sync.Mutex
	ends []*seen
}

// seen is what arrives on one connection.
type seen struct {
	witness *witness
	who     string
	got     bytes.Buffer
	ended   string
}

func (w *witness) watch(who string) *seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := &seen{witness: w, who: who}
	w.ends = append(w.ends, s)
	return s
}

func (w *witness) told() (told string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.ends {
		told += fmt.Sprintf("%s got %q, %s\n", s.who, s.got.String(), s.ended)
	}
	return told
}

// Write notes what has come.
func (s *seen) Write(p []byte) (int, error) {
	s.witness.mu.Lock()
	defer s.witness.mu.Unlock()
	return s.got.Write(p)
}

// read reads to the end, and notes which.
func (s *seen) read(c net.Conn) {
	_, err := io.Copy(s, c)
	s.witness.mu.Lock()
	defer s.witness.mu.Unlock()
	s.ended = fmt.Sprintf("ended (%v) after %s", errors.Unwrap(err), time.Since(s.witness.began))
}

// serve plays the server's part on each connection.
func (w *witness) serve(l net.Listener, steps []string) {
	for i := 1; ; i++ {
		c, err := l.Accept()
		if err != nil {
			return
		}
		s := w.watch(fmt.Sprint("the server's connection ", i))
		go func() {
			in := bufio.NewReader(io.TeeReader(c, s))
			for _, step := range steps {
				play(c, in, step)
			}
			_, _ = io.Copy(io.Discard, in)
			_ = c.Close()
		}()
	}
}

// play does one step at an end.
func play(c net.Conn, in *bufio.Reader, step string) {
	switch step {
	case "wait":
		time.Sleep(time.Second)
	case "close":
		_ = c.Close()
	case "end":
		_ = network.CloseWrite(c)
	case "reset":
		_ = network.Reset(c)
	case "read":
		_, _ = in.ReadString('\n')
	case "rest":
		_, _ = io.CopyN(io.Discard, in, 6)
	case "head":
		_, _ = readHead(in)
	case "take":
		if r, err := http.ReadRequest(in); err == nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
	default:
		_, _ = io.WriteString(c, step)
	}
}
