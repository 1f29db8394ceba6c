package report

import (
	"strings"
	"testing"
	"unicode/utf8"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/rig"
)

// broke is a case that ended so by one requirement.
func broke(id string, status oracle.Status, by requirement.ID, level requirement.Level, faults ...string) rig.Outcome {
	r := rig.Result{ID: id, Title: "about " + id, Status: status, Reason: "because of much that is not said in a few words alone", Reproduce: "gauntlet certify --case " + id + " --client mutant:with-a-long-name-that-no-line-is-wide-enough-for"}
	r.Verdicts = []oracle.Verdict{{Requirement: by, Level: level, Status: status, Reason: r.Reason}}
	for _, f := range faults {
		r.Faults = append(r.Faults, rig.FaultReport{Text: f, Fired: 1})
	}
	return rig.Outcome{Result: r}
}

func TestFailuresAreToldByTheirCausesWithTheSimplestExample(t *testing.T) {
	outcomes := []rig.Outcome{
		broke("unjudged", oracle.Inconclusive, "poll.keeps-going", requirement.Must),
		broke("by-a-should", oracle.Fail, "poll.pace", requirement.Should),
		broke("lost-2", oracle.Fail, "command.not-lost", requirement.Must, "hop 0: on MSG 2, answer: reset", "hop 0: on MSG 3, answer: reset"),
		broke("once", oracle.Fail, "poll.keeps-going", requirement.Must),
		broke("lost-1", oracle.Fail, "command.not-lost", requirement.Must, "hop 0: on MSG 2, answer: reset"),
		broke("unjudged-too", oracle.Inconclusive, "poll.keeps-going", requirement.Must),
		broke("passed", oracle.Pass, "poll.keeps-going", requirement.Must),
		broke("lost-3", oracle.Fail, "command.not-lost", requirement.Must, "hop 0: on MSG 2, answer: reset", "hop 0: on MSG 4, answer: reset"),
	}
	expected := broke("expected", oracle.Fail, "command.not-lost", requirement.Must)
	expected.Result.Known = "it is so"
	var out strings.Builder
	Terminal{Out: &out, Width: 60}.Problems(append(outcomes, expected))
	last := -1
	for _, line := range []string{
		"\nFail  3 cases break command.not-lost, such as lost-1:", "  so do      lost-2, lost-3\n", "\nFail  once: about once\n", "\nFail  by-a-should: ",
		"\nInconclusive  2 cases for one reason, such as unjudged:\n", "  so do      unjudged-too\n",
	} {
		at := strings.Index(out.String(), line)
		if at <= last {
			t.Errorf("no %q in its place in\n%s", line, out.String())
		}
		last = at
	}
	if strings.Contains(out.String(), "expected") || strings.Contains(out.String(), "passed") {
		t.Errorf("more is told than what is wrong:\n%s", out.String())
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(line) - 1; n > 60 && !strings.HasPrefix(line, "  reproduce  ") {
			t.Errorf("%d letters: %s", n, line)
		}
	}
}

// What a client may do and should not is no must, whatever the requirement is elsewhere.
func TestTheLevelIsToldAtWhichItWasBroken(t *testing.T) {
	o := broke("slipped", oracle.Fail, "connection.session-survives", requirement.Should)
	var out strings.Builder
	terminal := Terminal{Out: &out}
	terminal.Problems([]rig.Outcome{o})
	terminal.Tell([]Since{{Verdict: o.Result.Verdicts[0], Example: o}})
	if n := strings.Count(out.String(), "connection.session-survives (should, S17, S50)"); n != 2 {
		t.Errorf("told %d times:\n%s", n, out.String())
	}
}

func TestOfManyCasesAFewAreNamed(t *testing.T) {
	a := alike{example: rig.Outcome{Result: rig.Result{ID: "a"}}, cases: strings.Split("abcdefghijk", "")}
	if got := a.others(); got != "b, c, d, e, f, g, h, i and 2 more" {
		t.Error(got)
	}
}

func TestALineOfACaseFitsTheWidth(t *testing.T) {
	for status, want := range map[oracle.Status]string{
		oracle.Pass:          "Pass          case                                         hop 0: on…\n",
		oracle.NotApplicable: "",
		oracle.Fail:          "Fail          case                                         because of\n              much that is not said in a few words alone\n",
	} {
		o := broke("case", status, "poll.keeps-going", requirement.Must, "hop 0: on MSG 2, answer: reset")
		o.Case.ID = "case"
		var out strings.Builder
		if (Terminal{Out: &out, Width: 69, Lines: true}).Case(o); out.String() != want {
			t.Errorf("%s: %q, want %q", status, out.String(), want)
		}
	}
}
