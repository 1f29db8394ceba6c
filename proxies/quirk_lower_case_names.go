package proxies

import "bytes"

// A faithful box keeps the spelling of header fields.
//
// Quirk `lower-case-names` (Quirks.LowerCaseNames): both ways all of them are
// written in lower case, as HAProxy does: `x-msn-messenger`.

// lower changes a head where the quirk asks for it.
func (q *Quirks) lower(head []byte) []byte {
	if !q.LowerCaseNames {
		return head
	}
	var out []byte
	for line := range bytes.Lines(head) {
		if colon := bytes.IndexByte(line, ':'); colon > 0 && len(out) > 0 {
			line = append(bytes.ToLower(line[:colon]), line[colon:]...)
		}
		out = append(out, line...)
	}
	return out
}
