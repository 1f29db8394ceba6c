package proxies

import "bytes"

// A faithful box leaves Proxy-Connection alone: no standard knows it.
//
// Quirk `heeds-proxy-connection` (Quirks.HeedsProxyConnection): for the box it
// is Connection. So the connection of an HTTP/1.0 client is kept that asks for
// it by this field only, as old browsers and clients do.

// heedProxyConnection is the head in which net/http finds what it looks for.
// The box goes by its own copy of the head as it came.
func heedProxyConnection(head []byte) []byte {
	h := parseHead(head)
	if h.has("Connection") || !h.has("Proxy-Connection") {
		return head
	}
	var out []byte
	for line := range bytes.Lines(head) {
		if name := "proxy-connection:"; len(line) > len(name) && bytes.EqualFold(line[:len(name)], []byte(name)) {
			line = line[len("proxy-"):]
		}
		out = append(out, line...)
	}
	return out
}
