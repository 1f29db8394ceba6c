package proxies

import (
	"bytes"
	"io"
	"net/http"
)

// A faithful box passes a request's body on as it comes, in chunks if it came
// in chunks.
//
// Quirk `measures-requests` (Quirks.MeasuresRequests): it takes the whole body
// in first, and the server is told its length.

// measure gathers the body of a request without a length. What breaks off is
// left to whoever sends it on.
func measure(r *http.Request) {
	if r.ContentLength >= 0 {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.ContentLength, r.TransferEncoding = int64(len(body)), nil
	r.Body = io.NopCloser(bytes.NewReader(body))
}
