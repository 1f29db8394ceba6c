package probe

import (
	"maps"
	"slices"
	"testing"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/gateway"
)

// Each dialect is known again as what it is, and as nothing else; what it is
// found to fail is what it does on purpose.
func TestDialectsAreToldApart(t *testing.T) {
	purposes := map[string][]string{
		"escargot":         {"end.out", "end.told", "ping.refused", "request.overlapping"},
		"forgetful":        {"time.quiet"},
		"connection-bound": {"connection.other"},
		"hostile-legal":    {"answer.spelling"},
	}
	for _, name := range slices.Sorted(maps.Keys(gateway.Dialects())) {
		t.Run(name, func(t *testing.T) {
			d := gateway.Dialects()[name]
			d.Think = 50 * time.Millisecond
			r := probed(t, d, nil)
			for _, f := range r.Findings {
				t.Logf("%-24s %-12s %s", f.ID, f.Status, f.Observed)
				if f.Status == oracle.Inconclusive && f.Level == requirement.Must {
					t.Errorf("%s could not be concluded", f.ID)
				}
			}
			got := failed(r)
			slices.Sort(got)
			if !slices.Equal(got, purposes[name]) {
				t.Errorf("failed %v, want %v", got, purposes[name])
			}
			if best := r.Dialects[0]; best.Dialect != name || len(best.Differs) > 0 || len(r.Dialects[1].Differs) == 0 {
				t.Errorf("taken for %+v, then %+v", best, r.Dialects[1])
			}
		})
	}
}
