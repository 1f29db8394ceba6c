package proxies

import "net/http"

// A faithful forward box makes the tunnel that CONNECT asks for.
//
// Quirk `connect-status N` (Quirks.ConnectStatus): it refuses, with this status,
// as servers do that were not made to be proxies.

func (b *httpBox) refusesTunnel(x *exchange, r *http.Request) bool {
	status := b.spec.Quirks.ConnectStatus
	if r.Method != http.MethodConnect || status == 0 {
		return false
	}
	http.Error(x.w, http.StatusText(status), status)
	return true
}
