package proxies

import "net/http"

// newConnect builds a proxy that makes tunnels, and forwards nothing: what
// firewalls allow for HTTPS. A plain request is a 405.
func newConnect(s Spec, o Options) (Box, error) {
	b := newHTTPBox(s, o)
	b.serve = func(x *exchange, r *http.Request) {
		if r.Method == http.MethodConnect {
			b.tunnel(x, r)
			return
		}
		x.w.Header().Set("Allow", http.MethodConnect)
		http.Error(x.w, "this proxy makes tunnels only", http.StatusMethodNotAllowed)
	}
	return b, nil
}
