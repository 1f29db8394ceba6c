package catalogue

import (
	"slices"
	"strings"
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
	if got := ids(classesOf(cases, time.Minute)); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func ids(cases []Case) (list []string) {
	for _, c := range cases {
		list = append(list, c.ID)
	}
	return list
}

func TestAffordableListsWhatIsImpossibleOnceAClass(t *testing.T) {
	proves := func(id string, r ...requirement.ID) Case { return Case{ID: id, Proves: r} }
	cases := []Case{
		proves("impossible-and-covered", "a.b"),
		proves("possible", "a.b"),
		proves("impossible", "c.d"),
		proves("impossible-too", "c.d"),
		proves("possible-too", "a.b", "e.f"),
	}
	possible := func(c Case) bool { return strings.HasPrefix(c.ID, "possible") }
	want := []string{"possible", "impossible", "possible-too"}
	if got := ids(Affordable(cases, possible, time.Minute)); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
