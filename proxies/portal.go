package proxies

import (
	"io"
	"net/http"
)

// portalPage is what everybody gets to see.
const portalPage = `<!DOCTYPE html>
<html><head><title>Welcome to our network</title></head>
<body><h1>Welcome</h1><p>Please accept our terms to go on.</p>
<form method="post" action="http://portal.invalid/accept"><button>Accept</button></form></body></html>
`

// newPortal builds a captive portal: every request, whatever it asks for, gets
// a page of the portal's own with status 200; a CONNECT is forbidden. Nothing
// goes upstream.
//
// Quirk `redirects` (Quirks.Redirects): a 302 to the page in its place.
func newPortal(s Spec, o Options) (Box, error) {
	b := newHTTPBox(s, o)
	b.serve = b.welcome
	return b, nil
}

func (b *httpBox) welcome(x *exchange, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // a client that broke off gets its page all the same
	h := x.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	status := http.StatusOK
	switch {
	case r.Method == http.MethodConnect:
		status = http.StatusForbidden
	case b.spec.Quirks.Redirects:
		h.Set("Location", "http://portal.invalid/")
		status = http.StatusFound
	}
	x.w.WriteHeader(status)
	_, _ = io.WriteString(x.w, portalPage)
}
