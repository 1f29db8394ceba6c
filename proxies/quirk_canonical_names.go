package proxies

import "bytes"

// A faithful box writes header fields in the order and spelling in which they
// came, both ways, and the status line with the server's own reason: there are
// clients that look for `X-MSN-Messenger` letter by letter.
//
// Quirk `canonical-names` (Quirks.CanonicalNames): heads are written as
// net/http writes them: `X-Msn-Messenger`, sorted.

// respellRequest is the head of a request as the client wrote it, as far as
// the box leaves it.
func (x *exchange) respellRequest(generated []byte) []byte {
	return respell(x.request, generated, requestLine(x.request, startLine(generated)))
}

// respellAnswer has the answer's head written to the client the way it came.
func (x *exchange) respellAnswer() {
	original := x.answer.Load()
	if original == nil {
		return
	}
	x.client.answers.arm(func(generated []byte) []byte {
		return respell(original, generated, statusLine(original, startLine(generated)))
	})
}

func startLine(raw []byte) string {
	line, _, _ := bytes.Cut(raw, []byte("\r\n"))
	return string(line)
}
