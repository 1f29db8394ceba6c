package report

import (
	"fmt"
	"io"
	"strings"

	"gauntlet/harness/judge/economy"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/rig"
)

// dearerBy is from what factor on a case is told to cost more than before, and
// slack how many of a thing may be added whatever the factor: what is paid once
// more is no trend.
const (
	dearerBy = 1.25
	slack    = 3
)

// slowerBy is from what on, in milliseconds, a recovery is told to be slower.
const slowerBy = 2000

// dearer says what a case costs more than before, by a good deal; empty if
// nothing.
func dearer(before, after economy.Figures) string {
	var list []string
	for _, c := range []struct {
		what        string
		before, now int
		slack       int
	}{
		{"requests", before.Requests, after.Requests, slack},
		{"connections", before.Connections, after.Connections, slack},
		{"bytes sent", before.Sent, after.Sent, slack << 10},
		{"bytes received", before.Received, after.Received, slack << 10},
	} {
		if c.now > c.before+c.slack && float64(c.now) > dearerBy*float64(c.before) {
			list = append(list, fmt.Sprintf("%d %s, before %d", c.now, c.what, c.before))
		}
	}
	if before.Recovered >= 0 && after.Recovered > before.Recovered+slowerBy {
		list = append(list, fmt.Sprintf("back after %d ms, before %d", after.Recovered, before.Recovered))
	}
	return strings.Join(list, "; ")
}

// PrintEconomy writes what a message cost in either run, over the cases that
// passed in both, if it differs.
func PrintEconomy(out io.Writer, before, after []rig.Result) {
	var a, b []economy.Figures
	now := byID(after)
	for _, old := range before {
		if r, both := now[old.ID]; both && old.Status == oracle.Pass && r.Status == oracle.Pass {
			a, b = append(a, old.Economy), append(b, r.Economy)
		}
	}
	if was, is := perMessage(economy.Total(a)), perMessage(economy.Total(b)); was != is && was != "" && is != "" {
		fmt.Fprintf(out, "\na message cost  %s\nand now         %s\n", was, is)
	}
}
