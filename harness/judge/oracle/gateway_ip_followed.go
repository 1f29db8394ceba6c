package oracle

import "slices"

// gatewayIPFollowed holds that each request is addressed to the GW-IP of the
// newest answer of its session that arrived whole (S44).
func gatewayIPFollowed(e *Evidence) (f finding) {
	known := map[*Session][]string{}
	for _, r := range e.Requests {
		if hosts := known[r.Session]; r.Session != nil && !r.IsOpen() && len(hosts) > 0 {
			if slices.Contains(hosts, r.authority()) {
				f.ok()
			} else {
				f.fail([]int{r.Ordinal}, "request %d (%s) is addressed to %q; the newest whole answer had GW-IP %q",
					r.Ordinal, r.Name(), r.authority(), hosts[len(hosts)-1])
			}
		}
		if whole, unsure := r.arrived(); r.Session != nil && whole && r.Header != nil && r.Header.GatewayIP != "" {
			if !unsure {
				known[r.Session] = nil
			}
			known[r.Session] = append(known[r.Session], bare(r.Header.GatewayIP))
		}
	}
	f.missing("no request after an answer with GW-IP was seen")
	return f
}
