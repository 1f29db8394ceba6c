//go:build unix

package report

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// Nobody writes into the directory of a run that is at work; one that was just killed is
// waited for.
func TestOneRunInADirectory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := storedRun(t, filepath.Join(t.TempDir(), "run"))
		began := time.Now()
		if _, err := ReopenRunDir(run.Path); !errors.Is(err, errHeld) {
			t.Errorf("a second one went on with it: %v", err)
		}
		if waited := time.Since(began); waited < letGo || waited > letGo+letGo/10 {
			t.Errorf("it waited for %s", waited)
		}
		time.AfterFunc(letGo-letGo/10, run.Release)
		next, err := ReopenRunDir(run.Path)
		if err != nil {
			t.Fatalf("the other one has ended: %v", err)
		}
		run.Release() // once more: it is the other's now
		if _, err := ReopenRunDir(run.Path); !errors.Is(err, errHeld) {
			t.Errorf("a third one went on with it: %v", err)
		}
		next.Release()
		RunDir{Path: run.Path}.Release()
	})
}
