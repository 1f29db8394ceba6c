package proxies

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// A faithful box remembers no answers.
//
// Quirk `caches D [ignoring-query]` (Quirks.Caches): it answers a request that
// is like one of the last D (method, URL, body) with the answer that it got
// then, a POST as well, and asks nobody. Ignoring the query it takes all
// requests to one path for the same, as the caches of some carriers do.

// Caching is for how long answers are remembered, and what is the same to the
// box.
type Caching struct {
	For           time.Duration
	IgnoringQuery bool
}

const ignoringQuery = "ignoring-query"

func caching() quirk {
	d := duration(func(q *Quirks) *time.Duration { return &q.Caches.For })
	return quirk{
		parse: func(q *Quirks, s *scanner) error {
			err := d.parse(q, s)
			q.Caches.IgnoringQuery = err == nil && s.take(ignoringQuery)
			return err
		},
		print: func(q Quirks) string {
			if q.Caches.IgnoringQuery {
				return d.print(q) + " " + ignoringQuery
			}
			return d.print(q)
		},
		isSet: func(q Quirks) bool { return q.Caches != Caching{} },
	}
}

// cache is the memory.
type cache struct {
	Caching
	mu      sync.Mutex
	answers map[string]cached
}

type cached struct {
	resp http.Response
	head *head
	body []byte
	at   time.Time
}

func newCache(c Caching) *cache {
	if c.For == 0 {
		return nil
	}
	return &cache{Caching: c, answers: map[string]cached{}}
}

var errTooLong = errors.New("the body is too long to be remembered")

// fetch gives the remembered answer, or gets one and remembers it.
func (c *cache) fetch(x *exchange, r *http.Request, get func(*exchange, *http.Request) (*http.Response, error)) (*http.Response, error) {
	body, err := x.whole(r)
	if err != nil {
		return get(x, r)
	}
	key := c.key(r, body)
	if hit, ok := c.find(key); ok {
		x.answer.Store(hit.head)
		return hit.again(r), nil
	}
	resp, err := get(x, r)
	if err != nil || resp.StatusCode != http.StatusOK || resp.ContentLength < 0 || resp.ContentLength > replayLimit {
		return resp, err
	}
	return c.remember(key, x, resp), nil
}

func (c *cache) key(r *http.Request, body []byte) string {
	query := r.URL.RawQuery
	if c.IgnoringQuery {
		query = ""
	}
	return r.Method + " " + r.URL.Host + r.URL.Path + "?" + query + "\n" + string(body)
}

func (c *cache) find(key string) (cached, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	hit, ok := c.answers[key]
	if ok && time.Since(hit.at) >= c.For {
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
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{err}))
		return resp
	}
	hit := cached{resp: *resp, head: x.answer.Load(), body: body, at: time.Now()}
	hit.resp.Header = resp.Header.Clone()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers[key] = hit
	return hit.again(resp.Request)
}

// broken is a body that ends with an error.
type broken struct{ err error }

// Read gives the error.
func (b broken) Read([]byte) (int, error) { return 0, b.err }

// again is the answer as if it had just come.
func (h cached) again(r *http.Request) *http.Response {
	resp := h.resp
	resp.Header, resp.Request = h.resp.Header.Clone(), r
	resp.Body = io.NopCloser(bytes.NewReader(h.body))
	return &resp
}
