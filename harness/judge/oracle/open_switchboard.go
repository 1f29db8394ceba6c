package oracle

import (
	"net"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/msnp"
)

// openSwitchboard holds that an SB open names the switchboard that an XFR or
// RNG had given (S39). A port behind it is borne.
func openSwitchboard(e *Evidence) (f finding) {
	for _, r := range e.Requests {
		if !r.IsOpen() || r.Query.Server != "SB" {
			continue
		}
		given := e.switchboards(r.Began)
		if slices.Contains(given, hostOf(r.Query.IP)) {
			f.ok()
			continue
		}
		f.fail([]int{r.Ordinal}, "request %d opens an SB session with IP=%q; the servers had given %s", r.Ordinal, r.Query.IP, texts(given))
	}
	f.missing("no SB session was opened")
	return f
}

func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

// switchboards are the hosts that the user was sent to until then.
func (e *Evidence) switchboards(until time.Duration) []string {
	var hosts []string
	for i := range e.Events {
		ev := &e.Events[i]
		if ev.Kind != history.Sent || ev.At > until || !strings.EqualFold(ev.User, e.User) {
			continue
		}
		commands, _ := msnp.Decode(msnp.Server, ev.Data) // one, as it was sent
		for _, c := range commands {
			switch {
			case c.Name == "XFR" && c.Arg(1) == "SB":
				hosts = append(hosts, hostOf(c.Arg(2)))
			case c.Name == "RNG":
				hosts = append(hosts, hostOf(c.Arg(1)))
			}
		}
	}
	return slices.Compact(hosts)
}
