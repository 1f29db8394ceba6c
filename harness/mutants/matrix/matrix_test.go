package matrix

import (
	"strings"
	"testing"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/mutants"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// outcome is a case that failed these musts.
func outcome(id string, status oracle.Status, failed ...requirement.ID) rig.Outcome {
	o := rig.Outcome{Case: catalogue.Case{ID: id}, Result: rig.Result{Status: status}}
	for _, f := range failed {
		q, _ := requirement.ByID(f)
		o.Result.Verdicts = append(o.Result.Verdicts, oracle.Verdict{Requirement: f, Level: q.Level, Status: oracle.Fail, Reason: "because"})
	}
	return o
}

func TestRead(t *testing.T) {
	wrong := mutants.Mutant{Violates: "command.not-lost", Also: []mutants.Collateral{{Because: "so", Breaks: []requirement.ID{"command.in-order"}}}}
	odd := mutants.Mutant{Correct: true, Violates: "connection.kept"}
	for name, c := range map[string]struct {
		of       mutants.Mutant
		outcomes []rig.Outcome
		caught   bool
		says     string
	}{
		"caught":              {wrong, []rig.Outcome{outcome("a", oracle.Fail, "command.not-lost")}, true, ""},
		"not caught":          {wrong, []rig.Outcome{outcome("a", oracle.Pass)}, false, "not caught by command.not-lost"},
		"a blocked case":      {wrong, []rig.Outcome{outcome("a", oracle.Blocked, "command.not-lost")}, false, "not caught"},
		"with a reason":       {wrong, []rig.Outcome{outcome("a", oracle.Fail, "command.not-lost", "command.in-order")}, true, ""},
		"without a reason":    {wrong, []rig.Outcome{outcome("b", oracle.Fail, "command.no-png"), outcome("a", oracle.Fail, "command.not-lost")}, true, "fails command.no-png in b: because"},
		"a should beside":     {wrong, []rig.Outcome{outcome("a", oracle.Fail, "command.not-lost", "poll.pace")}, true, ""},
		"broken":              {wrong, []rig.Outcome{outcome("a", oracle.Broken), outcome("b", oracle.Fail, "command.not-lost")}, true, "not performed: a"},
		"odd":                 {odd, []rig.Outcome{outcome("a", oracle.Pass, "connection.kept")}, true, ""},
		"odd without its own": {odd, []rig.Outcome{outcome("a", oracle.Pass)}, false, "not caught by connection.kept"},
		"odd and blamed":      {odd, []rig.Outcome{outcome("a", oracle.Fail, "connection.kept", "command.no-png")}, true, "fails command.no-png"},
	} {
		row := read(c.of, c.outcomes)
		if row.Caught != c.caught || !strings.HasPrefix(row.Wrong(), c.says) || (c.says == "") != (row.Wrong() == "") {
			t.Errorf("%s: %+v says %q", name, row, row.Wrong())
		}
	}
}

func TestUncovered(t *testing.T) {
	missing := uncovered([]Row{{Violates: "command.not-lost", Caught: true}, {Violates: "command.no-png"}})
	musts := 0
	for _, q := range requirement.All() {
		if q.Level == requirement.Must && q.Standing == requirement.Agreed {
			musts++
		}
	}
	if len(missing) != musts-1 {
		t.Errorf("%d of %d musts have no client: %s", len(missing), musts, missing)
	}
}

func TestPrint(t *testing.T) {
	m := Matrix{Uncovered: []requirement.ID{"open.begins"}, Rows: []Row{
		{Name: "loses", Defect: "loses all", Violates: "command.not-lost", Caught: true, Failures: []Failure{{Requirement: "command.not-lost", Mark: Caught}}},
		{Name: "odd", Correct: true},
	}}
	var out strings.Builder
	if err := m.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"loses  ", "loses all", "X", "no client was caught by open.begins", "1 of 1 mutants caught by what they violate, 0 with surprises; 0 of 1 odd clients blamed"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
	if m.Sound() {
		t.Error("a matrix with a gap is sound")
	}
}
