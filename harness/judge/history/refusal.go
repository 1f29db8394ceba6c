package history

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"gauntlet/proxies/http1"
)

// Refusal is one time that somebody was turned away on the way to being signed
// in: a login or a sign-in that was not granted, a name or a service that
// nobody here serves, a tunnel that was not made.
type Refusal struct {
	At   time.Duration
	User string // who, if that is known
	What string // what was asked for
	Why  string
}

// String says it in a sentence without an end.
func (r Refusal) String() string { return r.What + ": " + r.Why }

// Refusals are those of a run, in order, each once. One and the same refusal
// may be seen from two sides, as where a tunnel is not made since nobody serves
// the name: the side that knows why tells it.
func Refusals(events []Event) []Refusal {
	var list []Refusal
	for _, e := range events {
		if r, is := RefusalOf(e); is {
			list = append(list, r)
		}
	}
	for _, x := range Exchanges(events, 0) {
		if r, is := untunnelled(x); is && !slices.ContainsFunc(list, func(o Refusal) bool { return r.What == "CONNECT "+o.What }) {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b Refusal) int { return int(a.At - b.At) })
	var once []Refusal
	for _, r := range list {
		if !slices.ContainsFunc(once, func(o Refusal) bool { return o.String() == r.String() && o.User == r.User }) {
			once = append(once, r)
		}
	}
	return once
}

// RefusalOf is what an event alone says of a refusal; false if it is of none.
func RefusalOf(e Event) (Refusal, bool) {
	r := Refusal{At: e.At, User: e.User, Why: e.Text}
	switch e.Kind {
	case NotServed:
		r.What = e.ID
	case HandshakeFailed:
		r.What = "TLS with the login services"
		if e.From == AtGateway {
			r.What = "TLS with the gateway"
		}
	case LoginRefused:
		r.What = fmt.Sprintf("login of %q at %s", e.User, e.How)
	case SignInRefused:
		r.What = fmt.Sprintf("sign-in of %q", e.User)
	default:
		return r, false
	}
	return r, true
}

// untunnelled is a CONNECT that was answered, and not with a tunnel. Who is
// asked for a password asks again.
func untunnelled(x *Exchange) (Refusal, bool) {
	if !bytes.HasPrefix(x.Head, []byte("CONNECT ")) || x.Status < 300 || x.Status == http.StatusProxyAuthRequired {
		return Refusal{}, false
	}
	what := strings.TrimSpace("CONNECT " + http1.Target(x.Head))
	return Refusal{At: x.Ended, What: what, Why: fmt.Sprintf("the proxy answers %d", x.Status)}, true
}
