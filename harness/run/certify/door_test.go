package certify

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"

	"gauntlet/fixtures"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// door is one to a case on real sockets.
func door(t *testing.T, id string) (*Door, catalogue.Case) {
	t.Helper()
	job, err := Prepare(Options{
		Library: Open(fixtures.Files(), servers.MSN()), Clients: []Client{{Name: "client", New: builtin.New()}},
		Reference: builtin.New(), Cases: []string{id}, Mode: rig.Loopback,
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDoor(job)
	if err != nil {
		t.Fatal(err)
	}
	return d, job.Cases()[0]
}

func ended(c catalogue.Case, s oracle.Status, verdicts ...oracle.Verdict) rig.Outcome {
	return rig.Outcome{Case: c, Result: rig.Result{ID: c.ID, Status: s, Verdicts: verdicts}}
}

// What the machine spoilt is run again, as by the command, and with nothing beside
// it.
func TestDoorRunsAgainAlone(t *testing.T) {
	d, c := door(t, "control-direct")
	other := c
	other.ID = "other"
	var mu sync.Mutex
	running, runs, beside := 0, 0, 0
	perform := func(_ context.Context, one catalogue.Case, _ rig.Options) rig.Outcome {
		mu.Lock()
		running++
		if one.ID == c.ID {
			runs++
		}
		first := runs == 1
		if !first && one.ID == c.ID {
			beside = running - 1
		}
		mu.Unlock()
		runtime.Gosched()
		mu.Lock()
		defer mu.Unlock()
		running--
		o := ended(one, oracle.Pass)
		if one.ID == c.ID && first {
			o = ended(one, oracle.Inconclusive)
			o.Result.Stalled = true
		}
		return o
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { d.judge(t.Context(), other, "", perform) })
	}
	judged := d.judge(t.Context(), c, "go test", perform)
	all.Wait()
	if runs != 2 || beside != 0 || judged.Result.Status != oracle.Pass || judged.Result.Again == "" || judged.Result.Reproduce != "go test" {
		t.Errorf("%d runs, %d beside the second; %+v", runs, beside, judged.Result)
	}
}

// A control is run once for all who lean on it.
func TestDoorRunsAControlOnce(t *testing.T) {
	d, c := door(t, "control-forward-8080")
	runs := map[string]int{}
	perform := func(_ context.Context, one catalogue.Case, _ rig.Options) rig.Outcome {
		runs[one.ID]++
		return ended(one, oracle.Pass)
	}
	for range 2 {
		if j := d.judge(t.Context(), c, "", perform); j.Result.Controls.Direct == nil {
			t.Error("it was compared with nothing")
		}
	}
	control := rig.ControlsOf(c)[0].Case.ID
	if runs[c.ID] != 2 || runs[control] != 1 {
		t.Errorf("%v", runs)
	}
}

// What is skipped is left out of what was chosen; a slip in its name is told.
func TestSkippedCasesAreNotChosen(t *testing.T) {
	o := Options{
		Library: Open(fixtures.Files(), servers.MSN()), Clients: []Client{{Name: "client", New: builtin.New()}},
		Cases: []string{"control-direct", "control-forward-*"}, Mode: rig.Virtual,
	}
	all, err := Prepare(o)
	o.Skip = []string{"control-forward-8080", "cut-*"}
	some, failed := Prepare(o)
	if err != nil || failed != nil || len(some.Cases()) != len(all.Cases())-1 || some.Cases()[0].ID != "control-direct" {
		t.Errorf("%v of %v; %v, %v", some.plan().Cases, all.plan().Cases, err, failed)
	}
	for _, c := range some.Cases() {
		if c.ID == "control-forward-8080" {
			t.Error("it was chosen")
		}
	}
	if was := all.plan().Differs(some.plan()); was == "" {
		t.Error("a run with other cases would go on from the first")
	}
}

// Unless somebody wants to wait before a case, no worker waits before any.
func TestReady(t *testing.T) {
	var paused []int
	o := Options{Pause: func(_ context.Context, pid int) error { paused = append(paused, pid); return nil }}
	if o.ready() != nil {
		t.Error("it waits before no case")
	}
	o.PauseBefore = "b"
	if err := errors.Join(o.ready()(t.Context(), "a", 1), o.ready()(t.Context(), "b", 2)); err != nil || !slices.Equal(paused, []int{2}) {
		t.Errorf("paused %v, %v", paused, err)
	}
}
