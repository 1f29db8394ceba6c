package report

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// storedRun makes a run directory with one case.
func storedRun(t *testing.T, path string) RunDir {
	t.Helper()
	run, err := NewRunDir(path)
	if err != nil {
		t.Fatal(err)
	}
	o := rig.Outcome{Case: catalogue.Case{ID: "one"}, Result: rig.Result{ID: "one", Status: oracle.Pass}}
	if err := run.Add(o); err != nil {
		t.Fatal(err)
	}
	return run
}

// A name with marks of a pattern is a name.
func TestRunDirWhoseNameHasMarks(t *testing.T) {
	for _, name := range []string{"[a]", "*", "what?", "[", "a{b,c}"} {
		if runtime.GOOS == "windows" && strings.ContainsAny(name, "*?") {
			continue // no file there has such a name
		}
		run := storedRun(t, filepath.Join(t.TempDir(), name))
		if err := os.WriteFile(filepath.Join(run.Path, "cases", "notes.txt"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(run.Path, "cases", "never-ended"), 0o700); err != nil {
			t.Fatal(err)
		}
		list, err := OpenRunDir(run.Path, "cases")
		if err != nil || len(list) != 1 || list[0].Result.ID != "one" {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
}

// Nobody but the owner reads what was said in a run, and what could not be stored
// leaves nothing behind.
func TestFilesOfARun(t *testing.T) {
	run := storedRun(t, filepath.Join(t.TempDir(), "run"))
	info, err := os.Stat(filepath.Join(run.Path, "cases", "one", "history.jsonl"))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the history: %v, %v", info.Mode(), err)
	}
	taken := filepath.Join(run.Path, "cases") // a folder cannot be replaced by a file
	if err := replace(taken, []byte("x"), ours); err == nil {
		t.Error("a folder was replaced")
	}
	if _, err := os.Lstat(taken + ".part"); err == nil {
		t.Error("a part of the file was left")
	}
}

// What a client, a case file or a run directory brings along acts on no terminal
// and begins no line of its own, wherever it stands.
func TestForeignWordsDoNothing(t *testing.T) {
	const foreign = "x\x1b]0;owned\x07\x1b[2J\u202e\r\nPass  all"
	failed := rig.Result{
		ID: foreign, Title: foreign, Client: foreign, Status: oracle.Fail, Reason: foreign, Reproduce: foreign,
		Faults:   []rig.FaultReport{{Text: foreign, Fired: 1}},
		Verdicts: []oracle.Verdict{{Requirement: foreign, Level: "must", Status: oracle.Fail, Reason: foreign}},
	}
	open, passed := failed, failed
	open.Status, open.Verdicts, passed.Status, passed.Verdicts = oracle.Inconclusive, nil, oracle.Pass, nil
	outcome := func(r rig.Result) rig.Outcome { return rig.Outcome{Case: catalogue.Case{ID: foreign}, Result: r} }
	var out bytes.Buffer
	term := Terminal{Out: &out, Lines: true}
	for _, r := range []rig.Result{failed, open, passed} {
		term.Case(outcome(r))
		out.WriteString(NewEntry(outcome(r)).Case + NewEntry(outcome(r)).Text)
	}
	term.Summary([]rig.Outcome{outcome(failed), outcome(open), outcome(passed)})
	PrintDiff(&out, 0, []Difference{{ID: foreign, Change: Regressed, Reason: foreign}})
	if strings.Count(out.String(), "owned") < 15 {
		t.Errorf("nothing was shown: %s", out.String())
	}
	for _, line := range strings.Split(out.String(), "\n") {
		if strings.HasPrefix(line, "Pass  all") || strings.IndexFunc(line, func(r rune) bool { return unicode.IsControl(r) || r == 0x202e }) >= 0 {
			t.Errorf("%q", line)
		}
	}
}

// In a directory from elsewhere a link leads to a file or a folder of somebody's: what is
// stored again there does not change those.
func TestNothingIsStoredThroughALink(t *testing.T) {
	for _, name := range []string{
		"run.json", "run.json.part", "plan.json", "plan.json.part", "client.log",
		"cases", "cases/one", "cases/one/result.json", "cases/one/result.json.part", "cases/one/history.jsonl.part",
	} {
		outside := t.TempDir()
		precious := filepath.Join(outside, "result.json")
		if err := os.WriteFile(precious, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		run := storedRun(t, filepath.Join(t.TempDir(), "run"))
		place, target := filepath.Join(run.Path, filepath.FromSlash(name)), precious
		if filepath.Ext(name) == "" {
			target = outside
		}
		if err := errors.Join(os.RemoveAll(place), os.Symlink(target, place)); err != nil {
			t.Skip("no links here: ", err)
		}
		o := rig.Outcome{Case: catalogue.Case{ID: "one"}, Result: rig.Result{ID: "one"}}
		_, left := run.LeaveLog([]byte("said"))
		_ = errors.Join(run.Begin(Plan{}), run.Add(o), run.Finish(Summary{}), left) // some cannot be stored now
		text, err := os.ReadFile(precious)
		found, listed := os.ReadDir(outside)
		if err := errors.Join(err, listed); err != nil || string(text) != "precious" || len(found) != 1 {
			t.Errorf("%s: %q beside %d others, %v", name, text, len(found)-1, err)
		}
	}
}
