package proxies

import "bytes"

// A faithful box uses a connection upstream again.
//
// Quirk `fresh-upstream` (Quirks.FreshUpstream): each request gets one of its
// own, which ends with the answer. Whether the server is told so is another
// quirk: `says-connection close`.

// hideClose takes away the field by which net/http tells the server.
func (q *Quirks) hideClose(head []byte) []byte {
	if !q.FreshUpstream || q.SaysConnection == "close" {
		return head
	}
	return bytes.Replace(head, []byte("\r\nConnection: close\r\n"), []byte("\r\n"), 1)
}
