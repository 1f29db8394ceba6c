package client

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"gauntlet/harness/msn/msnhttp"
	"gauntlet/harness/msn/session"
	"gauntlet/proxies"
)

// maxBody bounds the body of one answer, in bytes: four times what a gateway keeps for a
// client that polls late.
const maxBody = 4 << 20

// line is one kept connection. It carries one exchange at a time and belongs
// to the exchange that uses it.
type line struct {
	conn    net.Conn
	in      *bufio.Reader
	out     []byte
	route   proxies.Route
	to      string // the authority for which it was dialled
	failed  int    // answers of 5xx in a row
	goodbye bool   // the peer announced that it will close

	asked string // by the proxy, with the last answer
	meets string // the challenge that each request answers, once there was one
	nth   int    // request that does
}

func newLine(conn net.Conn, to string, route proxies.Route) *line {
	return &line{conn: conn, in: bufio.NewReaderSize(conn, 2048), to: to, route: route}
}

// outdated reports whether the line is to be given up: it leads to another machine than
// the session does by now, and fails. A box on the way may ask that one for ever.
func (l *line) outdated(authority string, status int) bool {
	if status < http.StatusInternalServerError {
		l.failed = 0
		return false
	}
	l.failed++
	return l.failed > 1 && l.to != authority && l.route.Kind != proxies.HTTPProxy
}

// exchange makes one request and reads its whole answer. An error means that
// there is no whole answer; the line is of no use then, and loss says what can
// be said of it.
func (l *line) exchange(ctx context.Context, r *session.Request, timeout time.Duration) (session.Answer, session.Loss, error) {
	if err := l.conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return session.Answer{}, session.Loss{Unsent: true}, err
	}
	stop := context.AfterFunc(ctx, func() { _ = l.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	answer, loss, err := l.once(r)
	if err == nil && answer.Status == http.StatusProxyAuthRequired && l.canMeet() {
		return l.once(r)
	}
	return answer, loss, err
}

func (l *line) once(r *session.Request) (session.Answer, session.Loss, error) {
	if _, err := l.conn.Write(l.format(r)); err != nil {
		return session.Answer{}, session.Loss{}, fmt.Errorf("send the request: %w", err)
	}
	return l.read()
}

// canMeet takes up the challenge of the last answer, if it is a new one: what was
// shown in vain is not shown again, unless only its nonce had grown stale.
func (l *line) canMeet() bool {
	again := l.meets != "" && !strings.Contains(strings.ToLower(l.asked), "stale=true")
	if again || l.goodbye || l.route.Meets(l.asked, http.MethodPost, "/", 1) == "" {
		return false
	}
	l.meets, l.nth = l.asked, 0
	return true
}

// credentials is the field for the proxy: a digest where it asked for one.
func (l *line) credentials(target string) string {
	if l.meets == "" {
		return l.route.Credentials()
	}
	l.nth++
	return l.route.Meets(l.meets, http.MethodPost, target, l.nth)
}

// format writes the request as the official client does (S55, S58), in one
// buffer so that it leaves in one segment.
func (l *line) format(r *session.Request) []byte {
	target := l.route.Target(r.Authority, msnhttp.Path+"?"+r.Query.String())
	b := append(l.out[:0], "POST "...)
	b = append(b, target...)
	b = append(b, " HTTP/1.1\r\nAccept: */*\r\nAccept-Language: en-us\r\nUser-Agent: MSMSGS\r\nHost: "...)
	b = append(b, r.Authority...)
	b = append(b, "\r\nProxy-Connection: Keep-Alive\r\nConnection: Keep-Alive\r\nPragma: no-cache\r\n"...)
	b = append(b, l.credentials(target)...)
	b = append(b, "Content-Type: "+msnhttp.ContentType+"\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(r.Body)), 10)
	b = append(b, "\r\n\r\n"...)
	l.out = append(b, r.Body...)
	return l.out
}

var post = &http.Request{Method: http.MethodPost}

// read takes the final answer; interim ones (100 Continue) are passed over.
func (l *line) read() (session.Answer, session.Loss, error) {
	for {
		resp, err := http.ReadResponse(l.in, post)
		if err != nil {
			return session.Answer{}, session.Loss{}, fmt.Errorf("read the answer's head: %w", err)
		}
		if resp.StatusCode >= 200 {
			return l.finish(resp)
		}
	}
}

func (l *line) finish(resp *http.Response) (session.Answer, session.Loss, error) {
	answer := session.Answer{Status: resp.StatusCode, Header: sessionHeader(resp.Header), RetryAfter: retryAfter(resp.Header)}
	l.asked = resp.Header.Get("Proxy-Authenticate")
	body, err := io.ReadAll(io.LimitReader(unpacked(resp), maxBody+1))
	_ = resp.Body.Close() // all was read, or the line is given up
	if err == nil && len(body) > maxBody {
		err = fmt.Errorf("the answer's body is longer than %d bytes", maxBody)
	}
	if err != nil {
		loss := session.Loss{}
		if answer.Header != nil {
			loss.Shown = answer.Header.SessionID
		}
		return session.Answer{}, loss, fmt.Errorf("read the answer's body: %w", err)
	}
	l.goodbye = resp.Close || announcedClose(resp.Header) || l.in.Buffered() > 0 // what came behind the answer belongs to none
	answer.Body = body
	return answer, session.Loss{}, nil
}

// unpacked is the body without the compression that some boxes add unasked.
func unpacked(resp *http.Response) io.Reader {
	if !strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		return resp.Body
	}
	return &unzipper{packed: resp.Body}
}

// unzipper reads the packed head when it is first read from.
type unzipper struct {
	packed io.Reader
	plain  *gzip.Reader
}

func (u *unzipper) Read(p []byte) (n int, err error) {
	if u.plain == nil {
		u.plain, err = gzip.NewReader(u.packed)
		switch {
		case err == io.EOF: // what is empty needs no packing
			return 0, io.EOF
		case err != nil:
			return 0, fmt.Errorf("unpack: %w", err)
		}
	}
	return u.plain.Read(p)
}

// announcedClose looks at the field that old proxies use in place of
// Connection.
func announcedClose(h http.Header) bool {
	return strings.EqualFold(h.Get("Proxy-Connection"), "close")
}

// retryAfter is how long an answer asks to be left alone (RFC 9110, section
// 10.2.3), as a number of seconds or as a date.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if n, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, at.Sub(now))
}

// sessionHeader is nil for an answer that is not the gateway's. The field's
// name is compared without regard to case: proxies change it.
func sessionHeader(h http.Header) *msnhttp.SessionHeader {
	parsed, err := msnhttp.ParseSessionHeader(h.Get(msnhttp.HeaderName))
	if err != nil || parsed.SessionID == "" {
		return nil
	}
	return &parsed
}

func (l *line) close() { _ = l.conn.Close() } // nothing is to be done about a failed close
