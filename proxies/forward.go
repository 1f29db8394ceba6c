package proxies

import "net/http"

// newForward builds an explicit HTTP proxy: the client knows it and names the
// server in each request line (absolute-form), or asks for a tunnel (CONNECT).
func newForward(s Spec, o Options) (Box, error) {
	b := newHTTPBox(s, o)
	b.takeOriginForm()
	return b, nil
}

// refuseOriginForm answers a request that does not say where it goes.
func refuseOriginForm(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "this is a proxy: the request line needs a whole URL", http.StatusBadRequest)
}
