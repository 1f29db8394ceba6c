package catalogue

import (
	"testing"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/fault"
)

func TestClassesTakeOneCaseForEachPair(t *testing.T) {
	make := func(id string, stay time.Duration, effect string, proves ...requirement.ID) Case {
		c := Case{ID: id, Proves: proves, Workload: workload.Script{{Verb: workload.Stay, For: stay}}}
		if effect != "" {
			c.Faults = []fault.Fault{{Effect: fault.Effect{Name: effect}}}
		}
		return c
	}
	cases := []Case{
		make("first", time.Second, "", "a.b"),
		make("same", time.Second, "", "a.b"),
		make("other-effect", time.Second, "close", "a.b"),
		make("same-effect", time.Second, "close", "a.b"),
		make("one-more-requirement", time.Second, "close", "a.b", "c.d"),
		make("too-long", time.Hour, "reset", "a.b"),
	}
	want := []string{"first", "other-effect", "one-more-requirement"}
	got := Classes(cases, time.Minute)
	if len(got) != len(want) {
		t.Fatalf("%d cases, want %v", len(got), want)
	}
	for i, c := range got {
		if c.ID != want[i] {
			t.Errorf("%s, want %s", c.ID, want[i])
		}
	}
}
