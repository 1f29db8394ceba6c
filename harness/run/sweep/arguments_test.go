package sweep

import (
	"testing"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/rig"
)

// An interim answer hints at a field of the protocol which the final answer has
// otherwise, where that has one; the point can be named.
func TestHints(t *testing.T) {
	of := func(head string) (all []string) {
		for _, v := range effectsOf() {
			if v.effect.Name != "interim" {
				continue
			}
			for _, e := range v.on(messageOf([]byte(head), nil)) {
				all = append(all, e.String())
			}
		}
		return all
	}
	if got := of("HTTP/1.1 200 OK\r\nDate: 1\r\n\r\n"); len(got) != 2 {
		t.Errorf("without such a field: %q", got)
	}
	got := of("HTTP/1.1 200 OK\r\nX-Id: a=19.0; b\r\n\r\n")
	if want := `interim 103 with "X-Id: a=20.1; b"`; len(got) != 3 || got[2] != want {
		t.Fatalf("%q, want %q in the end", got, want)
	}
	name := "hop 0: on NS poll 1, answer: " + got[2]
	if text := points(t, name)[0].Faults[0].String(); text != name {
		t.Errorf("%q", text)
	}
}

// Shoulds are causes where they count.
func TestShouldsThatCount(t *testing.T) {
	for strict, want := range map[bool]bool{false: false, true: true} {
		r := rig.Result{Status: oracle.Pass, Verdicts: []oracle.Verdict{{Requirement: "connection.kept", Level: requirement.Should, Status: oracle.Fail, Checked: 1}}}
		if strict {
			r.CountShoulds()
		}
		if c, failed := causeOf(Point{}, &r); failed != want || failed && c.Requirement != "connection.kept" {
			t.Errorf("strict %t: %v, %t", strict, c, failed)
		}
	}
}
