package report

import (
	"testing"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/rig"
)

// A level is met by musts alone, and by all of them: here, since a simpler world,
// and in a control that no case tells of.
func TestEnded(t *testing.T) {
	should := rig.Result{Status: oracle.Fail, Verdicts: []oracle.Verdict{{Requirement: "poll.pace", Level: requirement.Should, Status: oracle.Fail}}}
	boxed := rig.Outcome{Result: results(oracle.Pass)[0]}
	boxed.Case.Dialect = "naive"
	control := rig.Outcome{Control: true, Case: rig.ControlsOf(boxed.Case)[0].Case, Result: failing(oracle.Fail, "", 0)}
	for name, test := range map[string]struct {
		outcome  rig.Outcome
		controls []rig.Outcome
		want     oracle.Status
	}{
		"it passes":                       {outcome: boxed, want: oracle.Pass},
		"it fails":                        {outcome: rig.Outcome{Result: failing(oracle.Fail, "", 1)}, want: oracle.Fail},
		"it fails by a should":            {outcome: rig.Outcome{Result: should}, want: oracle.Pass},
		"it passes, and stands on a must": {outcome: rig.Outcome{Result: failing(oracle.Pass, rig.Undisturbed, 1)}, want: oracle.Fail},
		"it passes, and its control not":  {outcome: boxed, controls: []rig.Outcome{control}, want: oracle.Fail},
		"it was left open":                {outcome: rig.Outcome{Result: results(oracle.Inconclusive)[0]}, want: oracle.Inconclusive},
	} {
		if got := Ended([]rig.Outcome{test.outcome}, test.controls); got[0].Status != test.want {
			t.Errorf("%s: %s, want %s", name, got[0].Status, test.want)
		}
	}
}
