package proxies

import "strings"

// A faithful box speaks HTTP/1.1 upstream, whoever its client is.
//
// Quirk `asks-version 1.0|client` (Quirks.AsksVersion): HTTP/1.0, or whatever
// its client speaks. Only the request line says so; a request in chunks, which
// 1.0 does not know, keeps its 1.1.

func (x *exchange) askedVersion() string {
	asks := x.box.spec.Quirks.AsksVersion
	switch {
	case asks == "" || x.request.has("Transfer-Encoding"):
		return ""
	case asks == "client" && !strings.HasSuffix(x.request.start, "HTTP/1.0"):
		return ""
	}
	return "1.0"
}
