package proxies

import (
	"fmt"
	"net/http"
	"strconv"
)

// A faithful box sends a request upstream once.
//
// Quirk `retries empty|all [N]` (Quirks.Retries): when the connection dies
// before the answer, it sends the request again, up to N times, once if not
// said; then the client may see one answer to a request that was executed
// twice. `empty` does so for requests without a body on a connection that had
// served before, if no byte of the answer came, as Varnish does; `all` for every
// request, and if the answer's head is cut as well, as HAProxy (retry-on
// all-retryable-errors) and nginx (non_idempotent) do.

// Retrying is what a box sends again, and how often.
type Retrying struct {
	Which string // empty or all; "" is none
	Times int    // 0 means once
}

func retrying() quirk {
	which := choice(func(q *Quirks) *string { return &q.Retries.Which }, "empty", "all")
	return quirk{
		parse: func(q *Quirks, s *scanner) error {
			if err := which.parse(q, s); err != nil || !s.more() {
				return err
			}
			if n, err := strconv.Atoi(s.words[0].text); err == nil {
				s.next()
				if n < 2 || n > 100 {
					return s.wrong("not a number in the range", "2 to 100")
				}
				q.Retries.Times = n
			}
			return nil
		},
		print: func(q Quirks) string {
			if q.Retries.Times > 0 {
				return fmt.Sprint(q.Retries.Which, " ", q.Retries.Times)
			}
			return q.Retries.Which
		},
		isSet: func(q Quirks) bool { return q.Retries != Retrying{} },
	}
}

// retry repeats a request that failed with err.
func (b *httpBox) retry(x *exchange, r *http.Request, way http.RoundTripper, err error) (*http.Response, error) {
	for range max(1, b.spec.Quirks.Retries.Times) {
		again := b.repeatable(x, r, err)
		if again == nil {
			break
		}
		var resp *http.Response
		if resp, err = way.RoundTrip(again); err == nil {
			return resp, nil
		}
	}
	return nil, err
}

// repeatable is the request once more, nil if it may not be repeated.
func (b *httpBox) repeatable(x *exchange, r *http.Request, err error) *http.Request {
	empty := r.ContentLength == 0
	switch {
	case b.spec.Quirks.Retries.Which == "empty" && x.began.Load() || isTimeout(err) || x.upload.broken() || r.Context().Err() != nil:
		return nil
	case b.spec.Quirks.Retries.Which == "empty" && (!empty || !x.reused.Load()):
		return nil
	case !empty && r.GetBody == nil:
		return nil
	}
	again := r.Clone(r.Context())
	if !empty {
		again.Body, _ = r.GetBody() // it cannot fail
	}
	return again
}
