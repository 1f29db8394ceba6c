package proxies

import (
	"bytes"
	"io"
)

// A faithful box hands on what it has of an answer before the server resets
// the connection.
//
// Quirk `holds-body` (Quirks.HoldsBody): what it has not yet handed on of a
// body is lost with the connection to a server that resets it, as with nginx
// and Varnish: the client sees the head and then nothing.

// heldBody reads to the end before it gives the first byte.
type heldBody struct {
	io.ReadCloser
	held *bytes.Reader
	err  error
}

// Read gives what there was, unless it was reset.
func (b *heldBody) Read(p []byte) (int, error) {
	if b.held == nil {
		body, err := io.ReadAll(b.ReadCloser)
		if isReset(err) {
			body = nil
		}
		b.held, b.err = bytes.NewReader(body), err
	}
	n, err := b.held.Read(p)
	if err == io.EOF && b.err != nil {
		err = b.err
	}
	return n, err
}
