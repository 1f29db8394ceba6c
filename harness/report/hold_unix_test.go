//go:build unix

package report

import (
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
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

// Of two runs that begin at once in one directory, one does.
func TestOneRunBegins(t *testing.T) {
	for range 100 {
		path := filepath.Join(t.TempDir(), "run")
		var began atomic.Int32
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if run, err := NewRunDir(path); err == nil {
					began.Add(1)
					if err := run.Begin(Plan{}); err != nil {
						t.Error(err)
					}
					run.Release()
				}
			})
		}
		if both.Wait(); began.Load() != 1 {
			t.Fatalf("%d began", began.Load())
		}
	}
}
