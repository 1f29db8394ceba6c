package probe

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"gauntlet/harness/msn/gateway"
)

// A web server that is no gateway is told as such before anything is asked.
func TestAPlainWebServerIsNoGateway(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		`"HTTP/1.1 404 Not Found"`: http.NotFound,
		`"HTTP/1.1 200 OK"`:        func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<h1>Welcome</h1>")) },
		`"HTTP/1.1 301 Moved Permanently"`: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://there/", http.StatusMovedPermanently)
		},
		`"HTTP/1.1 501 Not Implemented"`:    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotImplemented) },
		`"HTTP/1.1 405 Method Not Allowed"`: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusMethodNotAllowed) },
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newSite(t, gateway.Dialect{}, func(*site) http.Handler { return answer })
			defer s.close()
			asked := 0
			_, err := Run(t.Context(), Target{Network: s.net.Host(proberIP), Address: gatewayIP + ":80", Done: func(Finding) { asked++ }})
			if err == nil || !strings.Contains(err.Error(), "no gateway here: 10.9.0.80:80 answers "+name) || asked > 0 {
				t.Errorf("%s: %v, and %d questions were put", name, err, asked)
			}
		})
	}
}
