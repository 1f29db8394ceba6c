package client

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/msn/session"
	"gauntlet/proxies"
)

func zipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

// answered is what a line makes of an answer, after which the peer closes.
func answered(t *testing.T, text string) (a session.Answer, loss session.Loss, bye bool, err error) {
	near, far := net.Pipe()
	defer near.Close()
	go func() {
		_, _ = far.Read(make([]byte, 4096))
		_, _ = far.Write([]byte(text))
		_ = far.Close()
	}()
	l := newLine(near, "gateway", proxies.Route{})
	a, loss, err = l.exchange(t.Context(), &session.Request{Action: "poll", Query: msnhttp.Query{Action: "poll", SessionID: "1"}}, time.Minute)
	return a, loss, l.goodbye, err
}

func TestAnswersOnALine(t *testing.T) {
	head := "HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=7.1; GW-IP=10.0.0.1\r\n"
	for name, c := range map[string]struct {
		text   string
		status int
		id     string
		body   string
		bye    bool
	}{
		"whole":                 {head + "Content-Length: 3\r\n\r\nabc", 200, "7.1", "abc", false},
		"behind interim ones":   {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + head + "Content-Length: 0\r\n\r\n", 200, "7.1", "", false},
		"a page":                {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno", 407, "", "no", false},
		"no header":             {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", "", false},
		"a header that is none": {"HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=1; SessionID=2\r\nContent-Length: 0\r\n\r\n", 200, "", "", false},
		"no id":                 {"HTTP/1.1 200 OK\r\nX-MSN-Messenger: GW-IP=10.0.0.1\r\nContent-Length: 0\r\n\r\n", 200, "", "", false},
		"lower case":            {strings.Replace(head, "X-MSN-Messenger", "x-msn-messenger", 1) + "Content-Length: 0\r\n\r\n", 200, "7.1", "", false},
		"closes":                {head + "Connection: close\r\nContent-Length: 1\r\n\r\na", 200, "7.1", "a", true},
		"closes as proxies say": {head + "Proxy-Connection: Close\r\nContent-Length: 1\r\n\r\na", 200, "7.1", "a", true},
		"with more behind it":   {head + "Content-Length: 1\r\n\r\naHTTP", 200, "7.1", "a", true},
		"ends with it":          {"HTTP/1.0" + head[8:] + "\r\nabc", 200, "7.1", "abc", true},
		"packed":                {head + "Content-Encoding: GZIP\r\n" + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(zipped("abc"))) + zipped("abc"), 200, "7.1", "abc", false},
		"as long as it may be":  {head + fmt.Sprintf("Content-Length: %d\r\n\r\n", maxBody) + strings.Repeat("x", maxBody), 200, "7.1", strings.Repeat("x", maxBody), false},
	} {
		t.Run(name, func(t *testing.T) {
			a, _, bye, err := answered(t, c.text)
			id := ""
			if a.Header != nil {
				id = a.Header.SessionID
			}
			if err != nil || a.Status != c.status || id != c.id || string(a.Body) != c.body || bye != c.bye {
				t.Errorf("%d %q %.20q bye %v (%v)", a.Status, id, a.Body, bye, err)
			}
		})
	}
}

func TestAnswersThatAskForARest(t *testing.T) {
	for fields, want := range map[string]time.Duration{
		"Retry-After: 17": 17 * time.Second, "Retry-After: soon": 0, "Retry-After: -5": 0, "X: y": 0,
		"Retry-After: 2147483647": (1<<31 - 1) * time.Second, "Retry-After: 9223372037": 0, // more than there is
		"Date: Sat, 01 Jan 2000 00:00:00 GMT\r\nRetry-After: Sat, 01 Jan 2000 00:00:12 GMT": 12 * time.Second,
		"Retry-After: Sat, 01 Jan 2000 00:00:12 GMT":                                        0, // long ago
	} {
		a, _, _, err := answered(t, "HTTP/1.1 503 Later\r\n"+fields+"\r\nContent-Length: 0\r\n\r\n")
		if err != nil || a.RetryAfter != want {
			t.Errorf("%q: %s (%v), want %s", fields, a.RetryAfter, err, want)
		}
	}
}

func TestAnswersThatAreNotWhole(t *testing.T) {
	head := "HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=7.1; GW-IP=10.0.0.1\r\n"
	for name, c := range map[string]struct{ text, shown, says string }{
		"nothing":         {"", "", "head"},
		"half a head":     {head, "", "head"},
		"half a body":     {head + "Content-Length: 3\r\n\r\nab", "7.1", "body"},
		"half a page":     {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", "", "body"},
		"not packed":      {head + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "7.1", "unpack"},
		"longer than all": {head + fmt.Sprintf("Content-Length: %d\r\n\r\n", maxBody+1) + strings.Repeat("x", maxBody+1), "7.1", "longer"},
	} {
		t.Run(name, func(t *testing.T) {
			a, loss, _, err := answered(t, c.text)
			if err == nil || !strings.Contains(err.Error(), c.says) || loss != (session.Loss{Shown: c.shown}) || a.Status != 0 {
				t.Errorf("%+v %+v %v", a, loss, err)
			}
		})
	}
}

func TestALineWaitsForItsTimeAndNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		exchange := func(ctx context.Context) (time.Duration, session.Loss, error) {
			near, far := net.Pipe()
			defer near.Close()
			defer far.Close()
			go func() { _, _ = far.Read(make([]byte, 4096)) }()
			began := time.Now()
			_, loss, err := newLine(near, "gateway", proxies.Route{}).exchange(ctx, &session.Request{}, time.Minute)
			return time.Since(began), loss, err
		}
		if took, loss, err := exchange(t.Context()); took != time.Minute || loss.Unsent || err == nil {
			t.Errorf("after %v: %+v %v", took, loss, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if took, loss, err := exchange(ctx); took != time.Second || loss.Unsent || err == nil {
			t.Errorf("after %v: %+v %v", took, loss, err)
		}
	})
}

// A proxy's challenge is met at once, on the same line, and by each request from then on; what
// was shown in vain is not shown again, unless the proxy says that its nonce was old.
func TestChallengesAreMet(t *testing.T) {
	const (
		challenge = "HTTP/1.1 407 Who\r\nProxy-Authenticate: Digest realm=\"r\", nonce=\"%s\", qop=\"auth\"%s\r\nContent-Length: 0\r\n\r\n"
		ok        = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	)
	first, second, stale := fmt.Sprintf(challenge, "one", ""), fmt.Sprintf(challenge, "two", ""), fmt.Sprintf(challenge, "two", ", Stale=TRUE")
	digest := proxies.Route{Kind: proxies.HTTPProxy, Proxy: "p:8080", User: "u", Password: "p"}
	for name, c := range map[string]struct {
		route   proxies.Route
		answers []string
		shown   []string // by each request: a nonce and its count
		want    int
	}{
		"met":                  {digest, []string{first, ok}, []string{"", "one 00000001"}, 200},
		"shown in vain":        {digest, []string{first, second}, []string{"", "one 00000001"}, 407},
		"nobody to show":       {proxies.Route{Kind: proxies.HTTPProxy, Proxy: "p:8080"}, []string{first}, []string{""}, 407},
		"a challenge of Basic": {digest, []string{"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n"}, []string{""}, 407},
		"it closes":            {digest, []string{strings.Replace(first, "\r\n", "\r\nProxy-Connection: close\r\n", 1)}, []string{""}, 407},
		"no challenge":         {digest, []string{ok}, []string{""}, 200},
		"and then":             {digest, []string{first, ok, ok, stale, ok}, []string{"", "one 00000001", "one 00000002", "one 00000003", "two 00000001"}, 200},
		"and then in vain":     {digest, []string{first, ok, second}, []string{"", "one 00000001", "one 00000002"}, 407},
	} {
		near, far := net.Pipe()
		shown := make(chan string, 9)
		go func() {
			in := bufio.NewReader(far)
			for _, answer := range c.answers {
				r, err := http.ReadRequest(in)
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				field := r.Header.Get("Proxy-Authorization")
				if nonce := regexp.MustCompile(`nonce="(.*?)".* nc=(\w+)`).FindStringSubmatch(field); nonce != nil {
					field = nonce[1] + " " + nonce[2]
				} else if strings.HasPrefix(field, "Basic") {
					field = "" // shown unasked
				}
				shown <- field
				_, _ = io.WriteString(far, answer)
			}
			close(shown)
		}()
		l, status := newLine(near, "gateway", c.route), 0
		for range len(c.answers) {
			a, _, err := l.exchange(t.Context(), &session.Request{Authority: "gateway", Body: []byte("x")}, 5*time.Second)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if status = a.Status; len(shown) == len(c.answers) {
				break
			}
		}
		var all []string
		for field := range shown {
			all = append(all, field)
		}
		if !slices.Equal(all, c.shown) || status != c.want {
			t.Errorf("%s: shown %q, then %d", name, all, status)
		}
		_, _ = near.Close(), far.Close()
	}
}

func TestALineThatIsClosedSendsNothing(t *testing.T) {
	near, far := net.Pipe()
	_, _ = near.Close(), far.Close()
	if _, loss, err := newLine(near, "gateway", proxies.Route{}).exchange(t.Context(), &session.Request{}, time.Minute); err == nil || !loss.Unsent {
		t.Errorf("%+v %v", loss, err)
	}
}

// reset is a connection that takes nothing any more.
type reset struct{ net.Conn }

func (reset) Write([]byte) (int, error) { return 0, syscall.ECONNRESET }

func TestALineThatThePeerHasClosed(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	_, loss, err := newLine(reset{near}, "gateway", proxies.Route{}).exchange(t.Context(), &session.Request{}, time.Minute)
	if err == nil || !strings.HasPrefix(err.Error(), "send the request: ") || loss != (session.Loss{}) { // some of it may have left
		t.Errorf("%+v %v", loss, err)
	}
}

// A host shows who it is, or nothing is said to it.
func TestOverTLS(t *testing.T) {
	there := httptest.NewUnstartedServer(nil)
	there.StartTLS()
	defer there.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(there.Certificate())
	for _, c := range []struct {
		host    string
		trusted *x509.CertPool
		works   bool
	}{{"example.com", trusted, true}, {"other.example", trusted, false}, {"example.com", x509.NewCertPool(), false}} {
		near, far := net.Pipe()
		go func() { _ = tls.Server(far, there.TLS).Handshake() }()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if _, err := OverTLS(c.trusted)(ctx, near, c.host); (err == nil) != c.works {
			t.Errorf("%s: %v", c.host, err)
		}
		cancel()
		_, _ = near.Close(), far.Close()
	}
}

func TestRequestsOnALine(t *testing.T) {
	r := &session.Request{Authority: "gateway", Query: msnhttp.Query{SessionID: "1"}, Body: []byte("OUT\r\n")}
	rest := " HTTP/1.1\r\nAccept: */*\r\nAccept-Language: en-us\r\nUser-Agent: MSMSGS\r\nHost: gateway\r\n" +
		"Proxy-Connection: Keep-Alive\r\nConnection: Keep-Alive\r\nPragma: no-cache\r\n%sContent-Type: application/x-msn-messenger\r\nContent-Length: 5\r\n\r\nOUT\r\n"
	for name, c := range map[string]struct {
		route         proxies.Route
		target, field string
	}{
		"direct":           {proxies.Route{}, "", ""},
		"through a proxy":  {proxies.Route{Kind: proxies.HTTPProxy, Proxy: "p:8080"}, "http://gateway", ""},
		"with a password":  {proxies.Route{Kind: proxies.HTTPProxy, Proxy: "p:8080", User: "u", Password: "p"}, "http://gateway", "Proxy-Authorization: Basic dTpw\r\n"},
		"through a tunnel": {proxies.Route{Kind: proxies.ConnectProxy, Proxy: "p:8080", User: "u", Password: "p"}, "", ""},
	} {
		want := "POST " + c.target + "/gateway/gateway.dll?SessionID=1" + fmt.Sprintf(rest, c.field)
		l := newLine(nil, "gateway", c.route)
		for range 2 { // the buffer is used again
			if got := string(l.format(r)); got != want {
				t.Errorf("%s: %q\nwant %q", name, got, want)
			}
		}
	}
}

func TestALineThatLeadsToAnotherMachineIsGivenUpWhenItFails(t *testing.T) {
	for _, c := range []struct {
		to       string
		kind     proxies.RouteKind
		statuses []int
		want     bool
	}{
		{"10.0.0.1", proxies.Direct, []int{502, 502}, true},
		{"10.0.0.1", proxies.Socks5Proxy, []int{502, 503}, true},
		{"10.0.0.1", proxies.Direct, []int{502}, false},
		{"10.0.0.1", proxies.Direct, []int{502, 200, 502}, false},
		{"10.0.0.2", proxies.Direct, []int{502, 502}, false},
		{"10.0.0.1", proxies.HTTPProxy, []int{502, 502}, false},
	} {
		l := newLine(nil, c.to, proxies.Route{Kind: c.kind})
		var got bool
		for _, status := range c.statuses {
			got = l.outdated("10.0.0.2", status)
		}
		if got != c.want {
			t.Errorf("to %s by %q, after %d: %t", c.to, c.kind, c.statuses, got)
		}
	}
}
