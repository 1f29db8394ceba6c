package oracle_test

import (
	"strings"
	"testing"

	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	msn "gauntlet/harness/msn/oracle"
	"gauntlet/harness/msn/reading"
)

// verdictOn asks one oracle about a tale.
func verdictOn(id requirement.ID, t *tale) Verdict {
	q, _ := requirement.ByID(id)
	f := msn.Oracles()[id].Assess(trace.New(t.events, t.facts))
	return f.Verdict(q)
}

func TestNothingToCheckIsNoPass(t *testing.T) {
	for _, id := range requirement.IDs() {
		v := verdictOn(id, newTale())
		if v.Status != Inconclusive || v.Checked != 0 || v.Reason == "" {
			t.Errorf("%s of an empty history: %+v", id, v)
		}
	}
}

func TestARunWithoutRequestsIsNoPass(t *testing.T) {
	for _, id := range requirement.IDs() {
		v := verdictOn(id, newTale().proxied().step("stay 5s").wait(5e9).rig("run ended", ""))
		if v.Status == Pass {
			t.Errorf("%s of a client that did nothing: %+v", id, v)
		}
	}
}

func TestEveryRequirementHasItsOracle(t *testing.T) {
	for _, id := range requirement.IDs() {
		if msn.Oracles()[id].Judge == nil || msn.Oracles()[id].Of.Occurred == nil || msn.Oracles()[id].Of.Missing == "" {
			t.Errorf("nothing judges %s, or its condition is not said", id)
		}
		for _, part := range strings.Split(msn.Oracles()[id].Of.Missing, ", and ") {
			if strings.TrimSpace(part) == "" {
				t.Errorf("%s: a part of its condition is not said: %q", id, msn.Oracles()[id].Of.Missing)
			}
		}
	}
	if len(msn.Oracles()) != len(requirement.IDs()) {
		t.Errorf("%d oracles for %d requirements", len(msn.Oracles()), len(requirement.IDs()))
	}
}

func TestAlwaysPass(t *testing.T) {
	q, _ := requirement.ByID("command.not-lost")
	f := AlwaysPass(trace.New(nil, trace.Facts{Reader: reading.MSN{}}))
	if v := f.Verdict(q); v.Status != Pass || v.Checked != 1 {
		t.Errorf("%+v", v)
	}
}

// An oracle that counts what it should not is of no account where the condition did
// not come about: the judge demands it, and not each oracle for itself.
func TestNoPassWithoutTheCondition(t *testing.T) {
	without := openTales()
	for id, row := range msn.Oracles() {
		q, _ := requirement.ByID(id)
		open := trace.New(without[id].events, without[id].facts)
		if row.Of.Occurred(open) {
			t.Errorf("%s: the history without its condition has it", id)
		}
		f := Row{Judge: AlwaysPass, Of: row.Of}.Assess(open)
		if v := f.Verdict(q); v.Status != Inconclusive || v.Reason != row.Of.Missing {
			t.Errorf("%s: %+v", id, v)
		}
		if right, found := RightTale(id); !found || !row.Of.Occurred(trace.New(right.events, right.facts)) {
			t.Errorf("%s: the history that keeps it has not its condition", id)
		}
	}
}
