package oracle

import "gauntlet/harness/judge/history"

// openDispatchHost holds that an NS open is addressed to the gateway's name
// (S5, S38).
func openDispatchHost(e *Evidence) (f finding) {
	gateway := e.gatewayName()
	for _, r := range e.Requests {
		if !r.IsOpen() || r.Query.Server != "NS" || gateway == "" {
			continue
		}
		if r.authority() == gateway {
			f.ok()
			continue
		}
		f.fail([]int{r.Ordinal}, "request %d opens an NS session at %q, not at %q", r.Ordinal, r.authority(), gateway)
	}
	f.missing("no NS session was opened")
	return f
}

// gatewayName is what the client was told.
func (e *Evidence) gatewayName() string {
	for i := range e.Events {
		if ev := &e.Events[i]; ev.Kind == history.Configured {
			return bare(ev.Text)
		}
	}
	return ""
}
