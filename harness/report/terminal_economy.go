package report

import (
	"fmt"

	"gauntlet/harness/judge/economy"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

// economy writes what a message cost in the cases that were judged, and how
// long it took to be back after a fault.
func (t Terminal) economy(outcomes []rig.Outcome) {
	var list []economy.Figures
	for _, o := range outcomes {
		if s := o.Result.Status; s == oracle.Pass || s == oracle.Fail {
			list = append(list, o.Result.Economy)
		}
	}
	total := economy.Total(list)
	if line := perMessage(total); line != "" {
		fmt.Fprintf(t.Out, "\neach of %d messages cost %s\n", total.Messages, line)
	}
	if total.Recovered >= 0 {
		fmt.Fprintf(t.Out, "answered again after the last fault within %.1f s, at the worst\n", float64(total.Recovered)/1000)
	}
}

// perMessage is what each message cost; empty if none arrived.
func perMessage(f economy.Figures) string {
	requests, ok := f.Per(f.Requests)
	if !ok {
		return ""
	}
	connections, _ := f.Per(f.Connections)
	sent, _ := f.Per(f.Sent)
	received, _ := f.Per(f.Received)
	return fmt.Sprintf("%.1f requests, %.2f connections, %.0f bytes sent and %.0f received", requests, connections, sent, received)
}
