package report

import (
	"math"
	"testing"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/rig"
)

func results(statuses ...oracle.Status) []rig.Result {
	list := make([]rig.Result, len(statuses))
	for i, s := range statuses {
		list[i] = rig.Result{ID: string(rune('a' + i)), Status: s}
	}
	return list
}

func TestExitCode(t *testing.T) {
	known := results(oracle.Fail, oracle.Pass)
	known[0].Known = "it is so"
	onlyKnown := results(oracle.Fail)
	onlyKnown[0].Known = "it is so"
	should, strictly := results(oracle.Pass), results(oracle.Pass)
	should[0].Verdicts = []oracle.Verdict{{Level: requirement.Should, Status: oracle.Fail}}
	strictly[0].Verdicts = should[0].Verdicts
	strictly[0].CountShoulds()
	for name, c := range map[string]struct {
		results []rig.Result
		want    int
	}{
		"all pass":                    {results(oracle.Pass, oracle.Pass), Sound},
		"one fails":                   {results(oracle.Pass, oracle.Fail, oracle.Inconclusive), Failed},
		"one is broken":               {results(oracle.Fail, oracle.Broken), Unusable},
		"one is open":                 {results(oracle.Pass, oracle.Inconclusive), Unproved},
		"one is blocked":              {results(oracle.Pass, oracle.Blocked), Unproved},
		"nothing applies":             {results(oracle.NotApplicable), Unproved},
		"nothing was run":             {nil, Unproved},
		"what does not apply is none": {results(oracle.Pass, oracle.NotApplicable), Sound},
		"the failure is known":        {known, Sound},
		"all failures are known":      {onlyKnown, Sound},
		"a should":                    {should, Sound},
		"a should, strictly":          {strictly, Failed},
	} {
		if got := ExitCode(c.results); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestRateInterval(t *testing.T) {
	for rate, want := range map[Rate][2]float64{
		{0, 0}: {0, 1}, {10, 10}: {0.722, 1}, {0, 10}: {0, 0.278}, {50, 100}: {0.404, 0.596}, {98, 100}: {0.930, 0.994},
	} {
		low, high := rate.Interval()
		if math.Abs(low-want[0]) > 0.001 || math.Abs(high-want[1]) > 0.001 {
			t.Errorf("%v: %.3f to %.3f, want %v", rate, low, high, want)
		}
	}
}

func TestDiffNamesEachChange(t *testing.T) {
	before := results(oracle.Pass, oracle.Fail, oracle.Fail, oracle.Pass, oracle.Pass)
	after := results(oracle.Fail, oracle.Pass, oracle.Fail, oracle.Pass)
	after = append(after, rig.Result{ID: "z", Status: oracle.Pass})
	want := map[string]Change{"a": Regressed, "b": Fixed, "c": StillRed, "e": Gone, "z": New}
	got := Diff(before, after)
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for _, d := range got {
		if want[d.ID] != d.Change {
			t.Errorf("%s: %s, want %s", d.ID, d.Change, want[d.ID])
		}
	}
}
