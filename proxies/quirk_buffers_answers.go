package proxies

import (
	"bytes"
	"io"
	"net/http"
)

// A faithful box passes an answer on as it comes.
//
// Quirk `buffers-answers` (Quirks.BuffersAnswers): it waits for the whole of
// it, as what scans for viruses does. An answer that is cut upstream is an
// upstream failure then, and nothing of it gets to the client.

// gatherBody reads the whole body.
func gatherBody(resp *http.Response) error {
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // it was read, or is broken
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return err
}
