package proxies

import (
	"net/http"

	"github.com/elazarl/goproxy"
)

// A faithful box leaves Accept-Encoding to the client and bodies as they are.
//
// Quirk `invents-accept-encoding` (Quirks.InventsAcceptEncoding): the client's
// wish is dropped, gzip is asked for, and the answer unpacked.

func (q Quirks) setCompression(p *goproxy.ProxyHttpServer, t *http.Transport) {
	p.KeepAcceptEncoding = !q.InventsAcceptEncoding
	t.DisableCompression = !q.InventsAcceptEncoding
}
