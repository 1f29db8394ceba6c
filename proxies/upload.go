package proxies

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// A box sends a request upstream once. net/http repeats one by itself in two
// cases: where the client calls it idempotent (Idempotency-Key), which is not
// for a box to act on, and where a pooled connection turns out to be dead
// before a byte was written, which is harmless and saves a needless 502. So
// the first is hidden from it, and the second is made possible.

// replayLimit is the longest body, in bytes, that is remembered for that.
const replayLimit = 64 << 10

// hideFromRetry moves the fields that make net/http repeat a POST under keys
// in which it does not look; their spelling is restored with all the others.
func hideFromRetry(h http.Header) {
	for _, key := range [...]string{"Idempotency-Key", "X-Idempotency-Key"} {
		if v, given := h[key]; given {
			delete(h, key)
			h[strings.ToLower(key)] = v
		}
	}
}

// upload reads a request's body from the client and knows what went wrong.
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

// again is the body from its beginning, for a request that was not sent.
func (u *upload) again() (io.ReadCloser, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	before := bytes.NewReader(bytes.Clone(u.read.Bytes()))
	return io.NopCloser(io.MultiReader(before, u)), nil
}

// broken tells whether the client failed to deliver its body.
func (u *upload) broken() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err != nil
}
