package gateway

import (
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"gauntlet/harness/msn/msnhttp"
)

// actionCommand is the Action of events that stand for a request without one.
const actionCommand = "command"

// request is a whole request, its body read to the last byte.
type request struct {
	action   string // open, poll or command
	id       string
	server   Server
	ip       string // as the open said it
	lifespan time.Duration
	body     []byte
	from     string // the client's address, without its port
	lane     *lane  // nil if the connection is not one of ours
}

// digest names the request among those of its session.
func (r *request) digest() digest {
	return sha256.Sum256(append([]byte(r.action+"\n"), r.body...))
}

// readRequest makes a request of an HTTP request, its body included. It looks at the
// request line and the body alone; Host, User-Agent (S59) and Content-Type are
// nothing to it. The request is never nil; beside a refusal it holds what is
// known.
func readRequest(w http.ResponseWriter, r *http.Request, c *conn, l Limits) (*request, *refusal) {
	out := &request{from: hostOf(r.RemoteAddr)}
	if c != nil {
		out.lane = &c.lane
	}
	if r.ContentLength != 0 { // even a body that nobody wants must come in time
		deadline(w, c, time.Now().Add(l.BodyTime))
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
	out.body, no = readBody(w, r, c, l)
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

// hostlike reports whether an IP parameter can be echoed in a header and dialled
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

// readBody reads the body to its last byte, within the limit of size. After an error
// the deadline stays: net/http reads on for a while, to be polite.
func readBody(w http.ResponseWriter, r *http.Request, c *conn, l Limits) ([]byte, *refusal) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	if r.ContentLength > int64(l.Body) {
		return nil, fatal(http.StatusRequestEntityTooLarge, ReasonTooLarge)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(l.Body)+1))
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, fatal(http.StatusRequestTimeout, ReasonSlow)
	case err != nil:
		return nil, fatal(http.StatusBadRequest, ReasonCutShort)
	case len(body) > l.Body:
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
