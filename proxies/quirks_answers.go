package proxies

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"

	"gauntlet/proxies/network"
)

// answerQuirks are about bodies, and about when an answer is one. The faithful
// box passes a body on as it comes, framed as it came, and a cut as a cut.
func answerQuirks() []Quirk {
	return []Quirk{
		// An answer that is cut upstream is an upstream failure then, and nothing of
		// it gets to the client.
		{
			Word:   "buffers-answers",
			Help:   "waits for the whole of an answer before it passes it on, as what scans for viruses does",
			effect: does(func(b *behaviour) { b.roundTrip = append(b.roundTrip, bufferAnswer) }),
		},
		// nginx and Varnish: the client sees the head and then nothing.
		{
			Word: "holds-body",
			Help: "loses what it has not yet passed on of a body when the server resets the connection",
			effect: does(func(b *behaviour) {
				b.body = append(b.body, func(body io.ReadCloser) io.ReadCloser { return &heldBody{ReadCloser: body} })
			}),
		},
		{
			Word:   "completes-cut",
			Help:   "hides that an answer was cut between chunks, as goproxy does: it ends like a whole one",
			effect: does(func(b *behaviour) { b.passesCuts = false }),
		},
		{
			Word:   "reframes",
			Help:   "lets net/http frame answers: short bodies get a length, long ones become chunks",
			effect: does(func(b *behaviour) { b.keepsFraming = false }),
		},
		{
			Word:   "chunks-answers",
			Help:   "sends an answer of unknown length to a client of HTTP/1.1 in chunks",
			effect: does(func(b *behaviour) { b.chunksUnknown = true }),
		},
		{
			Word:   "measures-requests",
			Help:   "takes in the whole of a request's body that comes in chunks, and tells the server its length",
			effect: does(func(b *behaviour) { b.received = append(b.received, measure) }),
		},
		// The faithful box swallows it: those clients are old that do not expect it.
		{
			Word: "on-continue",
			Help: "passes on a 100 Continue for which its client did not ask, takes it for a broken answer, or waits for ever for what is to come behind it",
			effect: takes(choice("passes", "fails", "stalls"), func(b *behaviour, how string) {
				b.interim = map[string]func(context.Context, *exchange, int) error{"passes": passInterim, "fails": failInterim, "stalls": stallInterim}[how]
			}),
		},
	}
}

func bufferAnswer(next roundTrip) roundTrip {
	return func(x *exchange, r *http.Request) (*http.Response, error) {
		resp, err := next(x, r)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close() // it was read, or is broken
		resp.Body = io.NopCloser(bytes.NewReader(body))
		return resp, err
	}
}

// unpack has an answer come without the gzip that the box has asked for.
func unpack(resp *http.Response) {
	if resp.ContentLength == 0 || !strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		return
	}
	resp.Body = &unpacked{ReadCloser: resp.Body}
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	resp.ContentLength, resp.Uncompressed = -1, true
}

// unpacked is a body without its gzip.
type unpacked struct {
	io.ReadCloser
	plain *gzip.Reader // nil until the first byte is asked for
}

// Read unpacks.
func (b *unpacked) Read(p []byte) (n int, err error) {
	if b.plain == nil {
		if b.plain, err = gzip.NewReader(b.ReadCloser); err != nil {
			b.plain = nil
			return 0, err
		}
	}
	return b.plain.Read(p)
}

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
		if network.IsReset(err) {
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

// keepFraming tells net/http's server how to frame; identity means until close.
// A client of HTTP/1.0 knows no chunks and gets the end of the connection.
func (s *settings) keepFraming(resp *http.Response) {
	chunked := []string{"chunked"}
	switch {
	case s.chunks && slices.Contains(resp.TransferEncoding, "chunked"):
		resp.Header["Transfer-Encoding"] = chunked
	case resp.ContentLength < 0 && resp.Request.Method != http.MethodHead:
		resp.Header["Transfer-Encoding"] = []string{"identity"}
		if s.chunksUnknown && resp.Request.ProtoAtLeast(1, 1) {
			resp.Header["Transfer-Encoding"] = chunked
		}
	}
}

// measure gathers the body of a request without a length. What breaks off is
// left to whoever sends it on.
func measure(_ *exchange, r *http.Request) {
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

var errInterim = errors.New("the server sent an interim answer")

func passInterim(_ context.Context, x *exchange, status int) error {
	if x.w != nil {
		x.w.WriteHeader(status)
	}
	return nil
}

func failInterim(context.Context, *exchange, int) error { return errInterim }

func stallInterim(ctx context.Context, x *exchange, _ int) error {
	await(ctx, x.box.behaviour.patience)
	return errInterim
}

// failureQuirks are about what a client is told when the next hop fails. The
// faithful box says 502, or 504 when it is too slow, and keeps the client's
// connection.
func failureQuirks() []Quirk {
	return []Quirk{
		{
			Word: "refused-status", kinds: []Kind{Forward, TLS, Intercept, Connect},
			Help: "this status when nobody listens upstream",
			effect: takes(number(400, 599), func(b *behaviour, status int) {
				b.failure = append(b.failure, func(_ *exchange, err error) int { return statusIf(isRefused(err), status) })
			}),
		},
		{
			Word: "failure-in-head",
			Help: "this status when an answer broke off in its head",
			effect: takes(number(400, 599), func(b *behaviour, status int) {
				b.failure = append(b.failure, func(x *exchange, _ error) int { return statusIf(x.began.Load(), status) })
			}),
		},
		// A server that cannot be reached, or is too slow, is told as ever, and so is
		// a cut in the head of an answer if failure-in-head says how.
		{
			Word: "cuts",
			Help: "closes the client's connection without a word when the server drops its own: in any case, or only a fresh one, or one that had served before",
			effect: takes(choice("always", "fresh", "reused"), func(b *behaviour, which string) {
				b.failure = append(b.failure, func(x *exchange, err error) int {
					told := isRefused(err) || network.IsTimeout(err)
					return statusIf(!told && (which == "always" || x.reused.Load() == (which == "reused")), cutOff)
				})
			}),
		},
		{
			Word: "failure-status", kinds: []Kind{Forward, TLS, Intercept, Connect},
			Help: "this status for every failure; 500 is goproxy's own page, with Go's error in it",
			effect: takes(number(400, 599), func(b *behaviour, status int) {
				b.failure = append(b.failure, func(*exchange, error) int { return status })
			}),
		},
		{
			Word: "closes-on-failure",
			Help: "ends the client's connection after its page, and says so",
			effect: does(func(b *behaviour) {
				b.failurePage = append(b.failurePage, func(h http.Header) { h.Set("Connection", "close") })
			}),
		},
		{
			Word: "connect-status", kinds: []Kind{Forward},
			Help:   "refuses CONNECT with this status, as servers do that were not made to be proxies",
			effect: takes(number(400, 599), refuseTunnels),
		},
	}
}

// failureStatus is what becomes of an exchange that err ended, a status or
// cutOff.
func (b *behaviour) failureStatus(x *exchange, err error) int {
	for _, hook := range b.failure {
		if status := hook(x, err); status != 0 {
			return status
		}
	}
	if network.IsTimeout(err) {
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

func statusIf(is bool, status int) int {
	if is {
		return status
	}
	return 0
}

func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

func refuseTunnels(b *behaviour, status int) {
	b.admit = append(b.admit, func(x *exchange, r *http.Request) bool {
		if r.Method != http.MethodConnect {
			return true
		}
		http.Error(x.w, http.StatusText(status), status)
		return false
	})
}
