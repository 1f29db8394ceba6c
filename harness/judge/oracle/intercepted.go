package oracle

import (
	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnhttp"
)

// intercepted holds that a proxy which the client knows nothing of can serve
// its requests: each names its host, and with one voice (S31, S32).
func intercepted(e *Evidence) (f finding) {
	taken := e.redirected()
	for _, r := range e.Requests {
		if !taken[r.Conn] {
			continue
		}
		_, target, _ := r.line()
		authority, _, _ := msnhttp.ParseTarget(target)
		head := r.head()
		host := head.Get("Host")
		switch {
		case host == "" && authority == "":
			f.fail([]int{r.Ordinal}, "request %d names no host", r.Ordinal)
		case host != "" && authority != "" && bare(host) != bare(authority):
			f.fail([]int{r.Ordinal}, "request %d names two hosts: %q in its target, %q in Host", r.Ordinal, authority, host)
		case r.Served():
			f.ok()
		}
	}
	f.missing("no request was answered by way of an intercepting proxy")
	return f
}

// redirected are the connections at hop 0 that the network brought to another
// listener than was dialled.
func (e *Evidence) redirected() map[int]bool {
	taken := map[int]bool{}
	for i := range e.Events {
		ev := &e.Events[i]
		if ev.From == history.AtHop && ev.Hop == 0 && ev.Kind == history.Accepted && ev.ID != "" {
			taken[ev.Conn] = true
		}
	}
	return taken
}
