package pac

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/proxies"
	"gauntlet/proxies/network"
)

func TestFind(t *testing.T) {
	direct, a := proxies.Route{}, proxies.Route{Kind: proxies.HTTPProxy, Proxy: "a:8080"}
	for text, want := range map[string][]proxies.Route{
		`"DIRECT"`:                    {direct},
		`""`:                          {direct},
		`null`:                        {direct},
		`"PROXY a:8080"`:              {a},
		`"proxy a:8080 ;; Direct;"`:   {a, direct},
		`"HTTPS s:443; PROXY a:8080"`: {a}, // to which nobody here has a way
		`"SOCKS b:1; SOCKS5 c:2"`:     {{Kind: proxies.Socks4Proxy, Proxy: "b:1"}, {Kind: proxies.Socks5Proxy, Proxy: "c:2"}},
		`url == "http://g.example.com/" && host == "g.example.com" ? "PROXY a:8080" : "DIRECT"`:                           {a},
		`dnsDomainIs(host, ".example.com") && !isPlainHostName(host) && dnsDomainLevels(host) == 2 ? "PROXY a:8080" : ""`: {a},
		`localHostOrDomainIs("g", host) && !localHostOrDomainIs("x", host) ? "PROXY a:8080" : ""`:                         {a},
		`shExpMatch(host, "g.*.c?m") && !shExpMatch(host, "*.or*") && !shExpMatch("a.b", "a?") ? "PROXY a:8080" : ""`:     {a},
	} {
		got, err := Find("function FindProxyForURL(url, host) { return "+text+" }", "http://g.example.com/", "g.example.com")
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %+v, want %+v (%v)", text, got, want, err)
		}
	}
}

func TestFilesThatSayNothing(t *testing.T) {
	for text, want := range map[string]string{
		"<html>":                  "run the proxy auto-configuration",
		"var x = 1":               "no function FindProxyForURL",
		"var FindProxyForURL = 1": "no function FindProxyForURL",
		`function FindProxyForURL() { return "PROXY" }`:             "that is no way",
		`function FindProxyForURL() { return "HTTPS a:443" }`:       "that is no way",
		`function FindProxyForURL() { return myIpAddress() }`:       "myIpAddress is not defined",
		`function FindProxyForURL() { throw new Error("no luck") }`: "no luck",
	} {
		if _, err := Find(text, "http://h/", "h"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestComposedFilesAreFound(t *testing.T) {
	text := Compose([]string{"PROXY a:1", Of(proxies.Route{Kind: proxies.Socks5Proxy, Proxy: "b:2"})}, []string{"g", "10.0.0.1"}, []string{"example.com"}, Of(proxies.Route{}))
	ours, other := "[{http proxy a:1  } {socks5 proxy b:2  }]", "[{   }]"
	for host, want := range map[string]string{"g": ours, "10.0.0.1": ours, "x.example.com": ours, "example.com": other, "10.0.0.11": other} {
		routes, err := Find(text, "http://"+host+"/", host)
		if got := printed(routes); err != nil || got != want {
			t.Errorf("%s: %s, want %s (%v)", host, got, want, err)
		}
	}
}

func printed(routes []proxies.Route) string {
	var all []string
	for _, r := range routes {
		all = append(all, "{"+strings.Join([]string{string(r.Kind), r.Proxy, r.User, r.Password}, " ")+"}")
	}
	return "[" + strings.Join(all, " ") + "]"
}

func TestServedFiles(t *testing.T) {
	for _, c := range []struct {
		method     string
		missing    bool
		status     int
		kind, body string
	}{
		{"GET", false, 200, contentType, "text"},
		{"HEAD", false, 200, contentType, "text"}, // which a server leaves out
		{"POST", false, 405, "", ""},
		{"GET", true, 404, "", "There is no such file.\n"},
		{"POST", true, 405, "", ""},
	} {
		var asked []string
		h := Handler{Text: "text", Missing: c.missing, Asked: func(method string, status int) { asked = append(asked, method, http.StatusText(status)) }}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(c.method, "/proxy.pac", nil))
		if w.Code != c.status || w.Header().Get("Content-Type") != c.kind || w.Body.String() != c.body || !slices.Equal(asked, []string{c.method, http.StatusText(c.status)}) {
			t.Errorf("%+v: %d %v %q, asked %q", c, w.Code, w.Header(), w.Body, asked)
		}
	}
}

func TestASlowFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		h := Handler{After: 10 * time.Second, Asked: func(string, int) {
			if took := time.Since(began); took != 10*time.Second {
				t.Errorf("it took %s", took)
			}
		}}
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		gone, leave := context.WithCancel(t.Context())
		leave()
		h.Asked = func(string, int) { t.Error("who has gone was answered") }
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(gone, "GET", "/", nil))
	})
}

func TestAsk(t *testing.T) {
	for want, serve := range map[string]http.HandlerFunc{
		"the file /a?b GET": func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte("the file " + r.RequestURI + " " + r.Method))
		},
		"is 404 Not Found": http.NotFound,
		"is 302 Found":     func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) },
		"longer than":      func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, longest+1)) },
		"EOF":              func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		s := httptest.NewServer(serve)
		text, err := Ask(t.Context(), &network.Loopback{Routes: map[string]string{"wpad:80": s.Listener.Addr().String()}}, "GET", "http://wpad/a?b")
		if err == nil && text != want || err != nil && (!strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "http://wpad/a?b")) {
			t.Errorf("%q, %v; want %s", text, err, want)
		}
		s.Close()
	}
}

func TestAskEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	defer s.Close()
	if text, err := Ask(ctx, &network.Loopback{}, "GET", s.URL); err == nil {
		t.Errorf("%q", text)
	}
}

func TestFindEnds(t *testing.T) {
	for _, text := range []string{
		"for (;;) {}",
		"function FindProxyForURL(url, host) { for (;;) {} }",
	} {
		if _, err := find(text, "http://g/", "g", time.Millisecond); err == nil || !strings.Contains(err.Error(), "it takes too long") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
