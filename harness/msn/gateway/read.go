package gateway

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"gauntlet/harness/msn/msnhttp"
)

// read makes a request of an HTTP request, its body included. It looks at the
// request line and the body alone; Host, User-Agent (S59) and Content-Type are
// nothing to it. The request is never nil; beside a refusal it holds what is
// known.
func (g *Gateway) read(w http.ResponseWriter, r *http.Request, c *conn) (*request, *refusal) {
	out := &request{conn: c}
	if r.ContentLength != 0 { // even a body that nobody wants must come in time
		deadline(w, c, time.Now().Add(g.limits.BodyTime))
	}
	if r.Method != http.MethodPost {
		return out, fatal(http.StatusMethodNotAllowed, ReasonMethod)
	}
	_, q, err := msnhttp.ParseTarget(r.RequestURI)
	if errors.Is(err, msnhttp.ErrPath) {
		return out, &refusal{status: http.StatusNotFound, reason: ReasonPath}
	}
	if err != nil {
		return out, bad(ReasonTarget)
	}
	out.take(q)
	if reason := wrong(q); reason != "" {
		return out, bad(reason)
	}
	var no *refusal
	out.body, no = g.body(w, r, c)
	return out, no
}

// take copies what the query says.
func (r *request) take(q msnhttp.Query) {
	r.action, r.id, r.lifespan = q.Action, q.SessionID, q.Lifespan
	r.server, r.ip = Server(q.Server), q.IP
	if r.action == "" {
		r.action = actionCommand
	}
}

// wrong is what is the matter with a query, empty if nothing. An open may name
// no IP at the notification server: some clients leave it out.
func wrong(q msnhttp.Query) string {
	switch {
	case len(q.Repeated) > 0:
		return ReasonRepeated
	case q.Action == msnhttp.ActionOpen:
		return wrongOpen(q)
	case q.Action != "" && q.Action != msnhttp.ActionPoll:
		return ReasonAction
	case q.SessionID == "":
		return ReasonNoID
	}
	return ""
}

func wrongOpen(q msnhttp.Query) string {
	switch {
	case q.SessionID != "":
		return ReasonSurplusID
	case q.Server != msnhttp.ServerNS && q.Server != msnhttp.ServerSB:
		return ReasonServer
	case q.Server == msnhttp.ServerSB && q.IP == "" || !hostlike(q.IP):
		return ReasonIP
	}
	return ""
}

// hostlike tells whether an IP parameter can be echoed in a header and dialled
// by a stranger: printable, without what separates the header's elements. It
// need not be an address; real clients send names.
func hostlike(ip string) bool {
	for i := range len(ip) {
		if ip[i] <= ' ' || ip[i] >= 0x7f || strings.IndexByte(`;,"\/`, ip[i]) >= 0 {
			return false
		}
	}
	return len(ip) <= 255
}

// withoutPort is the host of an IP parameter that may carry a port.
func withoutPort(ip string) string {
	if host, _, err := net.SplitHostPort(ip); err == nil {
		return host
	}
	return ip
}

// body reads the body to its last byte, within the limit of size. After an error
// the deadline stays: net/http reads on for a while, to be polite.
func (g *Gateway) body(w http.ResponseWriter, r *http.Request, c *conn) ([]byte, *refusal) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	if r.ContentLength > int64(g.limits.Body) {
		return nil, fatal(http.StatusRequestEntityTooLarge, ReasonTooLarge)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(g.limits.Body)+1))
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, fatal(http.StatusRequestTimeout, ReasonSlow)
	case err != nil:
		return nil, fatal(http.StatusBadRequest, ReasonCutShort)
	case len(body) > g.limits.Body:
		return nil, fatal(http.StatusRequestEntityTooLarge, ReasonTooLarge)
	}
	deadline(w, c, time.Time{})
	return body, nil
}

// deadline sets the time until which a request can be read. Where there are no
// deadlines there is no limit either.
func deadline(w http.ResponseWriter, c *conn, t time.Time) {
	if c != nil {
		_ = c.SetReadDeadline(t)
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(t)
}
