package proxies

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strings"
)

// A faithful box serves everybody.
//
// Quirk `basic user:password` (Quirks.Basic): a request without these
// credentials in Proxy-Authorization (RFC 7617) gets a 407 that asks for them.
// The connection stays open for another try.

// admits tells whether the request may go on; if not it was answered.
func (b *httpBox) admits(w http.ResponseWriter, r *http.Request) bool {
	wanted := b.spec.Quirks.Basic
	client := downstreamOf(r)
	if wanted == "" || client != nil && client.opened != "" || proves(r.Header.Get("Proxy-Authorization"), wanted) {
		return true
	}
	w.Header().Set("Proxy-Authenticate", `Basic realm="gauntlet"`)
	http.Error(w, http.StatusText(http.StatusProxyAuthRequired), http.StatusProxyAuthRequired)
	return false
}

func proves(given, wanted string) bool {
	scheme, encoded, _ := strings.Cut(given, " ")
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	return err == nil && strings.EqualFold(scheme, "Basic") && subtle.ConstantTimeCompare(decoded, []byte(wanted)) == 1
}

// passCredentials leaves them to a parent proxy where the box itself wants
// none; goproxy took them away.
func (b *httpBox) passCredentials(h http.Header, original *head) {
	if b.options.Parent && b.spec.Quirks.Basic == "" {
		passField(h, original, "Proxy-Authorization")
	}
}
