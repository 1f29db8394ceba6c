package report

import (
	"os"
	"path/filepath"
	"testing"

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
