package oracle

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
)

// keepsCommands holds that a client sends no commands where a redirect points to
// (RFC 9110, section 15.4): only the gateway says where its session goes on (S44).
// Who asks there without a body gives nothing away.
func keepsCommands(t *trace.Trace) (f Assessment) {
	f = Moot()
	for _, from := range redirects(t) {
		to := from.redirect(t)
		for _, r := range t.Requests {
			switch {
			case r.Ordinal == 0 || r.Began < from.Ended || len(r.Body) == 0:
			case isAt(r, to):
				f.Fail([]int{from.Ordinal, r.Ordinal}, "request %d was answered with a redirect (%d) to %s, and request %d takes %d bytes of commands there",
					from.Ordinal, from.Status, to, r.Ordinal, len(r.Body))
			default:
				f.OK()
			}
		}
	}
	f.Missing("no redirect was answered, or the client had nothing to send after it")
	return f
}

// redirection is a request that was answered with a redirect.
type redirection struct{ *trace.Request }

func redirects(t *trace.Trace) (list []redirection) {
	for _, r := range t.Requests {
		if from := (redirection{r}); r.Answered && from.redirect(t) != nil {
			list = append(list, from)
		}
	}
	return list
}

// redirect is where the answer points to; nil if nowhere, or to a gateway of the
// session's own.
func (r redirection) redirect(t *trace.Trace) *url.URL {
	if !slices.Contains([]int{301, 302, 303, 307, 308}, r.Status) {
		return nil
	}
	asked := &url.URL{Scheme: "http", Host: r.Authority, Path: path(r.Request)}
	to, err := asked.Parse(r.Answer.Get("Location"))
	if err != nil || r.Answer.Get("Location") == "" || to.Path == asked.Path && gateways(t)[trace.Bare(to.Host)] {
		return nil
	}
	return to
}

// gateways are the hosts that a session may be at.
func gateways(t *trace.Trace) map[string]bool {
	hosts := map[string]bool{t.Route.Gateway: true}
	for _, r := range t.Requests {
		if r.Served() {
			hosts[trace.Bare(r.Given.Gateway)] = true
		}
	}
	return hosts
}

func isAt(r *trace.Request, to *url.URL) bool {
	return r.Authority == trace.Bare(to.Host) && path(r) == to.Path
}

// path is a request's, without what it asks there.
func path(r *trace.Request) string {
	to, err := url.Parse(r.Fields.Target())
	if err != nil {
		return ""
	}
	return to.Path
}

// waitsAsTold holds that a client which is told when to come back does not ask in
// that session before (RFC 9110, section 10.2.3). A date counts from the answer's
// own, and both are whole seconds. Longer than a session may be silent nobody is to wait; and who leaves,
// leaves.
func waitsAsTold(t *trace.Trace) (f Assessment) {
	f = Moot()
	for _, b := range comebacks(t) {
		if b.early(t) {
			f.Fail([]int{b.from.Ordinal, b.to.Ordinal}, "request %d was answered with %d and Retry-After: %s, and request %d came %s later",
				b.from.Ordinal, b.from.Status, b.from.Answer.Get("Retry-After"), b.to.Ordinal, (b.to.Began - b.from.Ended).Round(time.Millisecond))
			continue
		}
		f.OK()
	}
	f.Missing("nobody told the client when to come back, or it did not come back")
	return f
}

// comeback is a request that was answered with a time to stay away, and the next
// one of its session.
type comeback struct {
	from, to *trace.Request
	told     time.Duration
}

func (b comeback) early(t *trace.Trace) bool {
	return b.to.Began-b.from.Ended+t.Ties < min(b.told, requirement.LongestRest)
}

func comebacks(t *trace.Trace) (list []comeback) {
	for i, r := range t.Requests {
		told, ok := retryAfter(r)
		if !ok {
			continue
		}
		for _, x := range t.Requests[i+1:] {
			if x.Began >= r.Ended && x.Continues(r) && !x.Leaves() {
				list = append(list, comeback{r, x, told})
				break
			}
		}
	}
	return list
}

// rested reports whether a client that was told to stay away did, for longer than
// the pause between two tries: it has no third error to show that it backs off.
func (b comeback) rested(t *trace.Trace) bool { return b.told >= requirement.OncePer && !b.early(t) }

// retryAfter is for how long the answer tells its reader to stay away.
func retryAfter(r *trace.Request) (time.Duration, bool) {
	if !r.Answered || r.Unsure() || !slices.Contains([]int{http.StatusServiceUnavailable, http.StatusTooManyRequests}, r.Status) {
		return 0, false
	}
	value := strings.TrimSpace(r.Answer.Get("Retry-After"))
	if n, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(n) * time.Second, true
	}
	then, err := http.ParseTime(value)
	now, unknown := http.ParseTime(r.Answer.Get("Date"))
	return then.Sub(now) - time.Second, err == nil && unknown == nil
}
