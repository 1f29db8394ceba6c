package proxies

import (
	"net/http"
	"slices"
)

// A faithful box frames an answer's body the way it came: by its length, in
// chunks, or by the end of the connection. (A client of HTTP/1.0 knows no
// chunks and gets the end of the connection instead.)
//
// Quirk `reframes` (Quirks.Reframes): net/http decides; short bodies without a
// length get one, long ones become chunks.

// keepFraming tells net/http's server how to frame; identity means until close.
func (q *Quirks) keepFraming(resp *http.Response) {
	chunked := []string{"chunked"}
	switch {
	case q.AnswersVersion != "1.0" && slices.Contains(resp.TransferEncoding, "chunked"):
		resp.Header["Transfer-Encoding"] = chunked
	case resp.ContentLength < 0 && resp.Request.Method != http.MethodHead:
		resp.Header["Transfer-Encoding"] = []string{"identity"}
		if q.ChunksAnswers && resp.Request.ProtoAtLeast(1, 1) {
			resp.Header["Transfer-Encoding"] = chunked
		}
	}
}
