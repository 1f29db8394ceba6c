package proxies

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
)

// replayLimit is the longest body, in bytes, that is remembered to be sent
// again.
const replayLimit = 64 << 10

// upload reads a request's body from the client and knows what went wrong. It
// can be read once more from its beginning: where a pooled connection turns out
// to be dead before a byte was written, net/http takes another one, which is
// harmless and saves a needless 502. Otherwise a box sends a request once.
type upload struct {
	mu   sync.Mutex
	body io.ReadCloser
	read bytes.Buffer // what was read, while it may be needed again
	keep bool
	err  error
}

// watch puts itself between r and its body, if it has one.
func (u *upload) watch(r *http.Request) {
	if r.ContentLength == 0 || r.Body == nil {
		return
	}
	u.body, u.keep = r.Body, r.ContentLength > 0 && r.ContentLength <= replayLimit
	r.Body = u
	if u.keep {
		r.GetBody = u.again
	}
}

// Read reads from the client.
func (u *upload) Read(p []byte) (int, error) {
	n, err := u.body.Read(p)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.keep {
		u.read.Write(p[:n])
	}
	if err != nil && !errors.Is(err, io.EOF) {
		u.err = err
	}
	return n, err
}

// Close leaves the body open: the server closes it when the exchange is over,
// and a repeat reads on.
func (u *upload) Close() error { return nil }

// again returns the body from its beginning, for a request that was not sent.
func (u *upload) again() (io.ReadCloser, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	before := bytes.NewReader(bytes.Clone(u.read.Bytes()))
	return io.NopCloser(io.MultiReader(before, u)), nil
}

// broken reports whether the client failed to deliver its body.
func (u *upload) broken() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err != nil
}
