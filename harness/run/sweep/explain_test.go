package sweep

import (
	"testing"

	"gauntlet/harness/judge/fate"
	"gauntlet/harness/run/rig"
)

// A reason that excuses a fault stands for a failure of several if it excuses the fault
// alone, or if the fault strikes a request that it does not alone.
func TestWhatExcusesAFaultAmongSeveral(t *testing.T) {
	one := points(t, "hop 0: on request 1, forward: cached, from 1s until 41s")[0]
	text := one.Faults[0].String()
	both := rig.Result{Fates: []fate.Fate{{Request: "NS USR", Faults: []string{"another", text}}, {Request: "NS CVR", Faults: []string{"another"}}}}
	for name, c := range map[string]struct {
		alone single
		why   string
		want  bool
	}{
		"excused alone":             {single{Entry{As: Excused, Why: "so"}, nil}, "so", true},
		"for another reason":        {single{Entry{As: Excused, Why: "so"}, nil}, "otherwise", false},
		"for none":                  {single{Entry{As: Passed}, nil}, "", false},
		"struck it alone, and held": {single{Entry{As: Passed}, []string{"NS poll", "NS USR"}}, "so", false},
		"struck another alone":      {single{Entry{As: Passed}, []string{"NS poll"}}, "so", true},
		"struck nothing alone":      {single{Entry{As: Unreached}, nil}, "so", true},
		"failed alone":              {single{Entry{As: Failed}, nil}, "so", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.alone.excuses(mixed{Outcome: rig.Outcome{Result: both}}, one, c.why); got != c.want {
				t.Errorf("%t, want %t", got, c.want)
			}
		})
	}
}
