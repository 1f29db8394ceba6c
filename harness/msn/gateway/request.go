package gateway

import (
	"crypto/sha256"
	"errors"
	"net"
	"net/http"
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
	lane     *lane  // the connection that it came on; nil for none
	// watch has the connection looked at until what it returns is called; nil for
	// nobody.
	watch func() (stop func())
}

// digest names the request among those of its session.
func (r *request) digest() digest {
	return sha256.Sum256(append([]byte(r.action+"\n"), r.body...))
}

// read makes the request of what came in; body waits for the body. It looks at the
// request line and the body alone; Host, User-Agent (S59) and Content-Type are
// nothing to it. Beside a refusal the request holds what is known.
func (r *request) read(h heading, body func() *refusal) *refusal {
	if h.method != http.MethodPost {
		return fatal(http.StatusMethodNotAllowed, ReasonMethod)
	}
	_, q, err := msnhttp.ParseTarget(h.target)
	if errors.Is(err, msnhttp.ErrPath) {
		return &refusal{status: http.StatusNotFound, reason: ReasonPath}
	}
	if err != nil {
		return bad(ReasonTarget)
	}
	r.take(q)
	if reason := wrong(q); reason != "" {
		return bad(reason)
	}
	return body()
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
