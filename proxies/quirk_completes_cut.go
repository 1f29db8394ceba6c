package proxies

import (
	"errors"
	"io"
	"net/http"
)

// A faithful box passes a cut on: a client whose answer broke off upstream
// gets what there was of it and then the end of its connection, never
// something that looks whole.
//
// Quirk `completes-cut` (Quirks.CompletesCut): the error is dropped, as goproxy
// does, so that an answer cut between chunks ends like a whole one.

// cutBody is an answer's body that breaks the client's connection where it
// breaks itself.
type cutBody struct {
	io.ReadCloser
	w http.ResponseWriter
}

// Read panics with http.ErrAbortHandler at a cut, after what came before it
// has gone out; a panic alone would discard that.
func (b *cutBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	case n > 0:
		return n, nil // the error comes again
	}
	_ = http.NewResponseController(b.w).Flush() // the client may be gone as well
	panic(http.ErrAbortHandler)
}
