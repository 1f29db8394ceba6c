package report

import (
	"math"
	"slices"
	"strings"
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
		if got := Conclude(c.results).Code; got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// failing is a result that fails a must, since a simpler world or not.
func failing(status oracle.Status, since rig.World, faults int, chain ...string) rig.Result {
	return rig.Result{
		ID: "case", Status: status, Chain: chain, Faults: make([]rig.FaultReport, faults),
		Verdicts: []oracle.Verdict{{Requirement: "open.begins", Level: requirement.Must, Status: oracle.Fail, Since: string(since)}},
	}
}

// atAnother is the same at a gateway that is not the documented one.
func atAnother(r rig.Result) rig.Result {
	passed := oracle.Pass
	r.Controls.Plain = &passed
	return r
}

func expectedly(r rig.Result) rig.Result {
	r.Known = "it is so"
	return r
}

// What is known excuses what it is the same as, and nothing heavier.
func TestExitCodeOfSimplerWorlds(t *testing.T) {
	undisturbed, behind := failing(oracle.Pass, rig.Undisturbed, 1), failing(oracle.Pass, rig.WithBox, 1, "forward")
	for name, c := range map[string]struct {
		results, controls []rig.Result
		want              int
	}{
		"fails since a simpler world":                     {[]rig.Result{undisturbed}, nil, Failed},
		"which is known of a case of that world":          {[]rig.Result{undisturbed, expectedly(failing(oracle.Fail, "", 0))}, nil, Sound},
		"which is known of one that stands on it":         {[]rig.Result{undisturbed, expectedly(failing(oracle.Blocked, rig.Undisturbed, 1))}, nil, Sound},
		"known of a case with a fault":                    {[]rig.Result{undisturbed, expectedly(failing(oracle.Fail, "", 1))}, nil, Failed},
		"known of a case with a box":                      {[]rig.Result{undisturbed, expectedly(failing(oracle.Fail, "", 0, "forward"))}, nil, Failed},
		"since the box, known of a case with a box":       {[]rig.Result{behind, expectedly(failing(oracle.Fail, "", 0, "forward"))}, nil, Sound},
		"since the box, known of a case without":          {[]rig.Result{behind, expectedly(failing(oracle.Fail, "", 0))}, nil, Failed},
		"known of a case with another gateway":            {[]rig.Result{undisturbed, expectedly(atAnother(failing(oracle.Fail, "", 0)))}, nil, Failed},
		"in a control alone":                              {results(oracle.Pass), []rig.Result{failing(oracle.Fail, "", 0, "forward")}, Failed},
		"in a control alone, which is known":              {results(oracle.Pass), []rig.Result{expectedly(failing(oracle.Fail, "", 0, "forward"))}, Sound},
		"in a control that is broken":                     {results(oracle.Pass), results(oracle.Broken), Unusable},
		"in a control, and a case that is known shows it": {[]rig.Result{expectedly(failing(oracle.Fail, "", 0))}, []rig.Result{failing(oracle.Fail, "", 0)}, Sound},
	} {
		if got := Conclude(c.results, c.controls...).Code; got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// The reason of a failed run names the musts that are broken, even if no case failed by them.
func TestWhyARunFailed(t *testing.T) {
	control := failing(oracle.Fail, "", 0)
	const broken = "broken since undisturbed: open.begins"
	for name, c := range map[string]struct {
		results, controls []rig.Result
		want              string
	}{
		"in controls alone":                     {results(oracle.Pass), []rig.Result{control, control}, broken},
		"in a control, and a case stands on it": {[]rig.Result{failing(oracle.Pass, rig.Undisturbed, 1)}, []rig.Result{control}, broken},
		"and another case fails":                {results(oracle.Pass, oracle.Fail), []rig.Result{control}, "1 case failed; " + broken},
		"in controls of two worlds":             {results(oracle.Pass), []rig.Result{failing(oracle.Fail, "", 0, "forward"), control}, broken + "; broken since with the box: open.begins"},
		"in one with the case's gateway":        {[]rig.Result{failing(oracle.Blocked, rig.WithGateway, 0, "forward")}, []rig.Result{atAnother(control)}, "broken since with the gateway: open.begins"},
		"in none":                               {results(oracle.Pass), nil, ""},
	} {
		if got := Conclude(c.results, c.controls...).Why; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A control tells what no case does, once.
func TestSinceTellsOfControls(t *testing.T) {
	control := rig.Outcome{Control: true, Result: failing(oracle.Fail, "", 0, "forward")}
	alone := SinceSimpler([]rig.Outcome{{Result: results(oracle.Pass)[0]}, control, control})
	if len(alone) != 1 || alone[0].Cases != 0 || alone[0].Verdict.Since != string(rig.WithBox) {
		t.Errorf("%+v", alone)
	}
	if told := SinceSimpler([]rig.Outcome{{Result: failing(oracle.Pass, rig.WithBox, 1, "forward")}, control}); len(told) != 1 || told[0].Cases != 1 {
		t.Errorf("%+v", told)
	}
	known := control
	known.Result.Known = "it is so"
	if told := SinceSimpler([]rig.Outcome{known}); len(told) != 0 {
		t.Errorf("%+v", told)
	}
	entries := SinceEntries([]rig.Outcome{{Result: failing(oracle.Pass, rig.Undisturbed, 1)}, {Result: expectedly(failing(oracle.Blocked, rig.Undisturbed, 1))}})
	if len(entries) != 1 || entries[0].Known == "" {
		t.Errorf("%+v", entries)
	}
}

// What comes of another failure stands behind it, and says so.
func TestSinceTellsWhatItComesOf(t *testing.T) {
	r := results(oracle.Pass)[0]
	r.Verdicts = []oracle.Verdict{
		{Requirement: "command.not-lost", Level: requirement.Must, Status: oracle.Fail, Since: string(rig.Undisturbed), ComesOf: "open.begins", Reason: "it is lost"},
		{Requirement: "open.begins", Level: requirement.Must, Status: oracle.Fail, Since: string(rig.Undisturbed), Reason: "it never began"},
	}
	later := r
	later.Verdicts = slices.Clone(r.Verdicts)
	later.Verdicts[1].Since = "" // only the case has that
	if list := SinceSimpler([]rig.Outcome{{Result: later}}); len(list) != 1 || list[0].Verdict.ComesOf != "" {
		t.Errorf("it comes of what was not there: %+v", list)
	}
	list := SinceSimpler([]rig.Outcome{{Result: r}})
	if len(list) != 2 || list[0].Verdict.Requirement != "open.begins" {
		t.Fatalf("%+v", list)
	}
	var told strings.Builder
	Terminal{Out: &told}.Tell(list)
	if !strings.Contains(told.String(), "because    it is lost\n  comes of   open.begins\n") || strings.Count(told.String(), "comes of") != 1 {
		t.Error(told.String())
	}
	entries := SinceEntries([]rig.Outcome{{Result: r}})
	if len(entries) != 2 || entries[0].Broken[0].ComesOf != "" || entries[1].Broken[0].ComesOf != "open.begins" || !strings.Contains(entries[1].Text, "comes of   open.begins") {
		t.Errorf("%+v", entries)
	}
}

// What stands on a simpler world can be known as well, and what is known no
// more was not.
func TestMark(t *testing.T) {
	list := KnownFailures{{Case: "c*", Reason: "it is so"}}
	for status, want := range map[oracle.Status]bool{oracle.Fail: true, oracle.Blocked: true, oracle.Pass: false, oracle.Inconclusive: false} {
		r := expectedly(failing(status, rig.Undisturbed, 1))
		if list.Mark(&r); (r.Known != "") != want {
			t.Errorf("%s: known %q", status, r.Known)
		}
	}
	nobody := results(oracle.Blocked)[0]
	nobody.ID = "case"
	if list.Mark(&nobody); nobody.Known != "" {
		t.Error("what nobody can do is no client's failure")
	}
	r := expectedly(failing(oracle.Fail, "", 1))
	if (KnownFailures{}).Mark(&r); r.Known != "" {
		t.Error("it was taken off the list")
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

func TestWhatDoesNotApplyIsOneLine(t *testing.T) {
	var outcomes []rig.Outcome
	for _, reason := range []string{"it has no addresses", "nobody listens", "it has no addresses"} {
		outcomes = append(outcomes, rig.Outcome{Result: rig.Result{Status: oracle.NotApplicable, Reason: reason}})
	}
	outcomes = append(outcomes, rig.Outcome{Result: rig.Result{Status: oracle.Pass}})
	var out strings.Builder
	Terminal{Out: &out}.Summary(outcomes)
	if want := "\n4 cases: 3 NotApplicable, 1 Pass\nNotApplicable  2: it has no addresses; 1: nobody listens\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("got %q, want at the end %q", out.String(), want)
	}
}

func TestTheTableOfRequirementsFitsTheTerminal(t *testing.T) {
	var verdicts []oracle.Verdict
	for _, q := range requirement.All() {
		verdicts = append(verdicts, oracle.Verdict{Requirement: q.ID, Level: q.Level, Status: oracle.Pass, Checked: 123456})
	}
	for width, columns := range map[int]bool{0: true, 40: false, 100: true} {
		var out strings.Builder
		Terminal{Out: &out, Width: width}.table([]rig.Outcome{{Result: rig.Result{Verdicts: verdicts}}})
		if strings.Contains(out.String(), "CHECKED") != columns {
			t.Errorf("at %d columns: %s", width, out.String())
		}
		for line := range strings.Lines(out.String()) {
			if width > 0 && len(strings.TrimSpace(line)) > width {
				t.Errorf("at %d columns: %q", width, line)
			}
		}
		if !strings.Contains(out.String(), "123456") {
			t.Errorf("at %d columns nothing is counted: %s", width, out.String())
		}
	}
}
