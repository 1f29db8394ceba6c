package stepsummary

import (
	"fmt"
	"strings"
	"testing"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/run/edition"
	"gauntlet/harness/run/rig"
)

func entry(id string, status oracle.Status, known string) report.Entry {
	return report.NewEntry(rig.Outcome{Result: rig.Result{ID: id, Title: "a <b>title</b>", Status: status, Reason: "because ``` of", Known: known}})
}

func written(t *testing.T, run report.Summary, entries ...report.Entry) string {
	t.Helper()
	var out strings.Builder
	if err := Write(&out, run, entries); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestHead(t *testing.T) {
	for exit, want := range map[int]string{report.Sound: "sound", report.Failed: "a must is broken", report.Unusable: "something of Gauntlet's is broken", report.Unproved: "not proved"} {
		text := written(t, report.Summary{Client: "mine @all", Exit: exit, Counts: map[string]int{"Pass": 2, "Fail": 1}, Mode: rig.Virtual, Seed: 9})
		if !strings.HasPrefix(text, "## Gauntlet: mine &#64;all, "+want+"\n") {
			t.Errorf("exit %d: %s", exit, text)
		}
		if !strings.Contains(text, "| mode | seed | cases | Fail | Pass |\n|-|-|-|-|-|\n| virtual | 9 | 0 | 1 | 2 |") {
			t.Errorf("the table: %s", text)
		}
	}
}

func TestLevels(t *testing.T) {
	met := report.Summary{Edition: "2030.1", Levels: []edition.Standing{{Level: "Core", Met: true}, {Level: "Proxy"}}}
	if text := written(t, met); !strings.Contains(text, "Edition 2030.1: **Core** met.") {
		t.Error(text)
	}
	if text := written(t, report.Summary{Edition: "2030.1"}); !strings.Contains(text, "no level met.") {
		t.Error(text)
	}
	if text := written(t, report.Summary{}); strings.Contains(text, "Edition") {
		t.Error(text)
	}
}

func TestProblems(t *testing.T) {
	text := written(t, report.Summary{}, entry("good", oracle.Pass, ""), entry("bad", oracle.Inconclusive, ""),
		entry("apart", oracle.NotApplicable, ""), entry("old", oracle.Fail, "we know"))
	if strings.Count(text, "<details>") != 1 || !strings.Contains(text, "<b>Inconclusive</b> bad: a &#60;b&#62;title") {
		t.Error(text)
	}
	if !strings.Contains(text, "````text\n") {
		t.Errorf("the fence is longer than what it holds: %s", text)
	}
	var many []report.Entry
	for i := range mostProblems + 3 {
		many = append(many, entry(fmt.Sprint("c", i), oracle.Broken, ""))
	}
	if text = written(t, report.Summary{}, many...); strings.Count(text, "<details>") != mostProblems || !strings.Contains(text, "… and 3 more.") {
		t.Error("problems are not bounded, or what is left out is not said")
	}
}

func TestForeignWordsDoNothing(t *testing.T) {
	const foreign = "x\x1b[2J\u202e\n# all is well"
	text := written(t, report.Summary{Client: foreign, Mode: foreign, Edition: foreign, Counts: map[string]int{foreign + "|": 1}}, entry(foreign, oracle.Fail, ""))
	if strings.ContainsAny(text, "\x1b\u202e") || strings.Contains(text, "\n# all") || strings.Count(text, "2J") < 4 {
		t.Errorf("%q", text)
	}
}
