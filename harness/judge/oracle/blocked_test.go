package oracle_test

import (
	"testing"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// told is a history that is written by hand.
type told interface {
	Told() ([]history.Event, oracle.Facts)
}

// judged has a history judged as a run whose case is to prove the requirement.
func judged(t told, id requirement.ID) rig.Result {
	events, facts := t.Told()
	c := catalogue.Case{ID: "by-hand", Workload: facts.Script, Proves: []requirement.ID{id}}
	return rig.Judge(rig.Run{Case: c, Events: events}, 0)
}

func verdict(r rig.Result, id requirement.ID) oracle.Status {
	for _, v := range r.Verdicts {
		if v.Requirement == id {
			return v.Status
		}
	}
	return oracle.Broken
}

// A control that fails takes back what the disturbed run says: with the box
// alone the client fails, so that its verdict is blocked, whatever it was;
// where even the direct run fails, no pass stands.
func TestBlocked(t *testing.T) {
	sound, _ := oracle.RightTale("command.carried-out")
	broken, _ := oracle.WrongTale("command.carried-out")
	good, bad := judged(sound, "command.carried-out"), judged(broken, "command.carried-out")
	if good.Status != oracle.Pass || bad.Status != oracle.Fail {
		t.Fatalf("the controls are %s and %s", good.Status, bad.Status)
	}
	for _, id := range requirement.IDs() {
		right, _ := oracle.RightTale(id)
		wrong, _ := oracle.WrongTale(id)
		for what, tale := range map[string]told{"kept": right, "broken": wrong} {
			r := judged(tale, id)
			r.Lean(&good, &bad)
			if r.Status != oracle.Blocked || verdict(r, id) != oracle.Blocked {
				t.Errorf("%s, %s: behind a box that fails the case is %s, the verdict %s", id, what, r.Status, verdict(r, id))
			}
		}
		r := judged(right, id)
		r.Lean(&bad, &good)
		if r.Status != oracle.Inconclusive || verdict(r, id) != oracle.Inconclusive {
			t.Errorf("%s: without a sound direct run the case is %s, the verdict %s", id, r.Status, verdict(r, id))
		}
		r = judged(right, id)
		r.Lean(&good, &good)
		if verdict(r, id) != oracle.Pass {
			t.Errorf("%s: with sound controls the verdict is %s", id, verdict(r, id))
		}
	}
}

func TestNothingToJudgeInAnotherProcess(t *testing.T) {
	sound, _ := oracle.RightTale("command.carried-out")
	events, facts := sound.Told()
	events = append(events, history.Event{Seq: len(events) + 1, From: history.AtRig, Kind: history.ClientClosed})
	c := catalogue.Case{ID: "by-hand", Workload: facts.Script, Proves: []requirement.ID{"client.leaves-nothing"}}
	if r := rig.Judge(rig.Run{Case: c, Events: events}, 0); r.Status != oracle.NotApplicable {
		t.Errorf("%s: %s", r.Status, r.Reason)
	}
}
