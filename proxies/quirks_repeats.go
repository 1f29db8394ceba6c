package proxies

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"gauntlet/proxies/http1"
	"gauntlet/proxies/network"
)

// repeatQuirks are about how often a request goes upstream. The faithful box
// sends it once, and remembers no answers.
func repeatQuirks() []Quirk {
	return []Quirk{
		// What comes for the second is dropped.
		{
			Word:   "doubles",
			Help:   "sends each POST twice, the second as soon as the first is written, on a connection of its own, and passes on the answer to the first",
			effect: does(func(b *behaviour) { b.roundTrip = append(b.roundTrip, double) }),
		},
		// The client may see one answer to a request that was executed twice.
		// Varnish does as `empty` says, HAProxy (retry-on all-retryable-errors) and
		// nginx (non_idempotent) as `all`.
		{
			Word: "retries",
			Help: "sends a request whose connection dies before the answer again, N times or once: " +
				"`empty` those without a body on a connection that had served before, `all` every one, if the answer's head is cut as well",
			effect: takes(retrying(), func(b *behaviour, r retries) { b.roundTrip = append(b.roundTrip, r.around) }),
		},
		// The caches of some carriers ignore the query.
		{
			Word: "caches",
			Help: "answers a request like one of the last D (method, URL, body) with the answer that it got then, a POST as well, and asks nobody",
			effect: takes(optional(duration(), "ignoring-query"), func(b *behaviour, age with[time.Duration]) {
				c := &cache{lives: age.value, ignoresQuery: age.word, answers: map[string]cached{}}
				b.roundTrip = append(b.roundTrip, c.around)
			}),
		},
	}
}

// double sends a POST twice.
func double(next roundTrip) roundTrip {
	return func(x *exchange, r *http.Request) (*http.Response, error) {
		body, err := x.whole(r)
		if err != nil || r.Method != http.MethodPost {
			return next(x, r)
		}
		twin := r.Clone(context.Background()) // or it would be taken for the request itself
		twin.Body = io.NopCloser(bytes.NewReader(body))
		var once sync.Once
		x.written = func() { once.Do(func() { x.box.sendAside(x, twin) }) }
		return next(x, r)
	}
}

// sendAside sends the twin and drops its answer.
func (b *httpBox) sendAside(x *exchange, twin *http.Request) {
	if !b.life.begin() {
		return
	}
	go func() {
		defer b.life.done()
		ctx, cancel := b.patience(context.Background())
		defer cancel()
		own, pool := &exchange{box: b, request: x.request, saysEnd: x.saysEnd}, b.dialer.pool()
		defer pool.CloseIdle()
		resp, err := own.send(pool, twin.WithContext(ctx))
		if err != nil {
			b.options.report(err)
			return
		}
		_, _ = io.Copy(io.Discard, resp.Body) // nobody wants it
		_ = resp.Body.Close()
	}()
}

// retries is what a box sends again, and how often.
type retries struct {
	which string // empty or all
	times int    // 0 means once
}

func retrying() argument[retries] {
	which := choice("empty", "all")
	return argument[retries]{which.example + " [N]", func(s *scanner) (retries, error) {
		word, err := which.read(s)
		if err != nil || !s.more() {
			return retries{which: word}, err
		}
		if _, err := strconv.Atoi(s.words[0].text); err != nil {
			return retries{which: word}, nil // the next quirk
		}
		times, err := number(2, 100).read(s)
		return retries{word, times}, err
	}, func(r retries) string {
		if r.times > 0 {
			return fmt.Sprint(r.which, " ", r.times)
		}
		return r.which
	}}
}

// around repeats a request that failed.
func (q retries) around(next roundTrip) roundTrip {
	return func(x *exchange, r *http.Request) (*http.Response, error) {
		resp, err := next(x, r)
		for range max(1, q.times) {
			again := q.cloneForRetry(x, r, err)
			if again == nil {
				break
			}
			resp, err = next(x, again)
		}
		return resp, err
	}
}

// cloneForRetry returns a copy to resend after err, or nil if r must not be
// retried.
func (q retries) cloneForRetry(x *exchange, r *http.Request, err error) *http.Request {
	empty := r.ContentLength == 0
	switch {
	case err == nil || network.IsTimeout(err) || x.upload.broken() || r.Context().Err() != nil:
		return nil
	case q.which == "empty" && (!empty || x.began.Load() || !x.reused.Load()):
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

// cache is a box's memory.
type cache struct {
	lives        time.Duration
	ignoresQuery bool

	mu      sync.Mutex
	answers map[string]cached
}

type cached struct {
	resp http.Response
	head *http1.Head
	body []byte
	at   time.Time
}

// around gives the remembered answer, or gets one and remembers it.
func (c *cache) around(next roundTrip) roundTrip {
	return func(x *exchange, r *http.Request) (*http.Response, error) {
		body, err := x.whole(r)
		if err != nil {
			return next(x, r)
		}
		key := c.key(r, body)
		if hit, ok := c.find(key); ok {
			x.answer.Store(hit.head)
			return hit.again(r), nil
		}
		resp, err := next(x, r)
		if err != nil || resp.StatusCode != http.StatusOK || resp.ContentLength < 0 || resp.ContentLength > replayLimit {
			return resp, err
		}
		return c.remember(key, x, resp), nil
	}
}

func (c *cache) key(r *http.Request, body []byte) string {
	query := r.URL.RawQuery
	if c.ignoresQuery {
		query = ""
	}
	return r.Method + " " + r.URL.Host + r.URL.Path + "?" + query + "\n" + string(body)
}

func (c *cache) find(key string) (cached, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	hit, ok := c.answers[key]
	if ok && time.Since(hit.at) >= c.lives {
		delete(c.answers, key)
		ok = false
	}
	return hit, ok
}

// remember keeps an answer that came whole.
func (c *cache) remember(key string, x *exchange, resp *http.Response) *http.Response {
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // it was read, or is broken
	if err != nil {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
		return resp
	}
	hit := cached{resp: *resp, head: x.answer.Load(), body: body, at: time.Now()}
	hit.resp.Header = resp.Header.Clone()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers[key] = hit
	return hit.again(resp.Request)
}

// again is the answer as if it had just come.
func (h cached) again(r *http.Request) *http.Response {
	resp := h.resp
	resp.Header, resp.Request = h.resp.Header.Clone(), r
	resp.Body = io.NopCloser(bytes.NewReader(h.body))
	return &resp
}

// failing is a body that ends with an error.
type failing struct{ err error }

// Read gives the error.
func (f failing) Read([]byte) (int, error) { return 0, f.err }
