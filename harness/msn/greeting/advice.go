package greeting

import "fmt"

// Advice is what to tell somebody whose client speaks one thing to the port
// for another.
func Advice(speaks, wanted Kind) string {
	return fmt.Sprintf("a client speaks %s to the port for %s: %s", speaks, wanted, remedy(speaks, wanted))
}

func remedy(speaks, wanted Kind) string {
	if wanted == SOCKS {
		return "enter it as a SOCKS proxy, or use the port of the HTTP proxy"
	}
	switch speaks {
	case TLS:
		return "use http:// and not https:// for it"
	case SOCKS:
		return "enter it as an HTTP proxy, not as a SOCKS proxy"
	case MSNP:
		return "switch the client's HTTP connection method on"
	case HTTP:
		return "switch the client's HTTP connection method off, or use the gateway's port"
	}
	return "is this an MSN client?"
}
