package proxies

import (
	"errors"
	"net/http"
	"syscall"

	"gauntlet/proxies/network"
)

// failureQuirks are about what a client is told when the next hop fails. The
// faithful box says 502, or 504 when it is too slow, and keeps the client's
// connection.
func failureQuirks() []Quirk {
	return []Quirk{
		{
			Word: "refused-status", Kinds: []Kind{Forward, TLS, Intercept, Connect},
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
			Word: "failure-status", Kinds: []Kind{Forward, TLS, Intercept, Connect},
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
			Word: "connect-status", Kinds: []Kind{Forward},
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
