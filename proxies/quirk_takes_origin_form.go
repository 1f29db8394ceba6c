package proxies

import "net/http"

// A faithful forward proxy refuses a request that does not say where it goes.
//
// Quirk `takes-origin-form` (Quirks.TakesOriginForm): it goes by Host, as an
// intercepting proxy and most servers that double as proxies do.

func (b *httpBox) takeOriginForm() {
	if b.spec.Quirks.TakesOriginForm {
		b.proxy.NonproxyHandler = http.HandlerFunc(b.serveOriginForm)
	}
}
