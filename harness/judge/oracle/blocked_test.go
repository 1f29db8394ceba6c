package oracle_test

import (
	"testing"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// told is a history that is written by hand.
type told interface {
	Told() ([]history.Event, trace.Facts)
}

// judged has a history judged as a run whose case is to prove the requirement.
func judged(t told, id requirement.ID) rig.Result {
	events, facts := t.Told()
	c := catalogue.Case{ID: "by-hand", Workload: facts.Script, Proves: []requirement.ID{id}}
	return rig.Judge(rig.Run{Case: c, Events: events}, 0)
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
