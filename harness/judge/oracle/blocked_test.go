package oracle_test

import (
	"testing"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

func TestNothingToJudgeInAnotherProcess(t *testing.T) {
	sound, _ := RightTale("command.carried-out")
	events, facts := sound.events, sound.facts
	events = append(events, history.Event{Seq: len(events) + 1, From: history.AtRig, Kind: history.ClientClosed})
	c := catalogue.Case{ID: "by-hand", Workload: facts.Script, Proves: []requirement.ID{"client.leaves-nothing"}}
	if r := rig.Judge(rig.Run{Case: c, Options: rig.Options{Speaks: servers.MSN()}, Events: events}, 0); r.Status != NotApplicable {
		t.Errorf("%s: %s", r.Status, r.Reason)
	}
}
