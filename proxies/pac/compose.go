// Package pac is proxy auto-configuration: a file in JavaScript that says which
// proxy is for which host (Navigator Proxy Auto-Config File Format, Netscape 1996).
// Compose writes one, Handler serves it, Ask fetches it over HTTP and Find runs it. It
// knows nothing of MSN and starts no goroutine. The rig serves such files; the
// reference client reads them.
//
// Such a file is a program, and only an interpreter of the language can say what it
// means: here that is goja. What it can call is what Netscape's description has and
// needs no name server; a file that calls more fails with an error that names it.
package pac

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"gauntlet/proxies"
)

// contentType is that of such a file.
const contentType = "application/x-ns-proxy-autoconfig"

// Of is what a file says for a route: the proxy, or that there is none. Nothing in it
// can ask for tunnels, or has a password.
func Of(r proxies.Route) string {
	switch r.Kind {
	case proxies.Direct:
		return "DIRECT"
	case proxies.Socks4Proxy, proxies.Socks4aProxy:
		return "SOCKS " + r.Proxy
	case proxies.Socks5Proxy:
		return "SOCKS5 " + r.Proxy
	}
	return "PROXY " + r.Proxy
}

// Compose writes a file that says ways of the hosts, and of all below the domains,
// and elsewhere of all others.
func Compose(ways []string, hosts, domains []string, elsewhere string) string {
	var ours []string
	for _, host := range hosts {
		ours = append(ours, fmt.Sprintf("host == %q", host))
	}
	for _, domain := range domains {
		ours = append(ours, fmt.Sprintf("dnsDomainIs(host, %q)", "."+domain))
	}
	return fmt.Sprintf("function FindProxyForURL(url, host) {\n  if (%s)\n    return %q;\n  return %q;\n}\n",
		strings.Join(ours, " ||\n      "), strings.Join(ways, "; "), elsewhere)
}

// Handler serves a file. Text and Asked must be set.
type Handler struct {
	Text    string
	Missing bool          // nobody finds it: 404
	After   time.Duration // how long the answer takes
	// Asked hears of each request, when its answer is about to be given.
	Asked func(method string, status int)
}

// ServeHTTP answers GET and HEAD.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wait := time.NewTimer(h.After)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-r.Context().Done():
		return
	}
	status, text := http.StatusOK, h.Text
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		status, text = http.StatusMethodNotAllowed, ""
		w.Header().Set("Allow", "GET, HEAD")
	case h.Missing:
		status, text = http.StatusNotFound, "There is no such file.\n"
	default:
		w.Header().Set("Content-Type", contentType)
	}
	h.Asked(r.Method, status)
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // who has gone does not need it
}
