package report

import (
	"cmp"
	"fmt"
	"slices"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/run/edition"
	"gauntlet/harness/run/rig"
)

// Since is a requirement that the client broke in a simpler world than that
// of the cases: it is told once, and the cases that stand on it are counted.
type Since struct {
	Verdict oracle.Verdict // of the first case
	Example rig.Outcome    // the first case
	Cases   int
}

// SinceSimpler gathers what failed in a simpler world already, musts first. What a
// case of that world tells itself is not told again. Controls among the outcomes
// tell what no case does. What comes of another failure stands behind the others.
func SinceSimpler(outcomes []rig.Outcome) []Since {
	var list []Since
	for _, o := range outcomes {
		for _, v := range o.Result.Verdicts {
			if o.Control || v.Status != oracle.Fail || v.Since == "" || v.Level == requirement.Informational || toldBy(outcomes, v) {
				continue
			}
			i := slices.IndexFunc(list, func(e Since) bool { return e.Verdict.Requirement == v.Requirement && e.Verdict.Since == v.Since })
			if i < 0 {
				v.ComesOf = CauseThen(o.Result, v)
				i, list = len(list), append(list, Since{Verdict: v, Example: o})
			}
			list[i].Cases++
		}
	}
	for _, o := range outcomes {
		for _, v := range own(o.Result) {
			told := slices.ContainsFunc(list, func(e Since) bool { return begun(e.Verdict) == begun(v) })
			if o.Control && o.Result.Known == "" && o.Result.Accuses() && !told && !toldBy(outcomes, v) {
				list = append(list, Since{Verdict: v, Example: o})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Since) int {
		return cmp.Or(cmp.Compare(b2i(a.Verdict.Level != requirement.Must), b2i(b.Verdict.Level != requirement.Must)),
			cmp.Compare(b2i(a.Verdict.ComesOf != ""), b2i(b.Verdict.ComesOf != "")))
	})
	return list
}

// CauseThen is what a failure of r came of in the world in which it began, as far as that
// is known: what failed only later was no cause then.
func CauseThen(r rig.Result, v oracle.Verdict) requirement.ID {
	if slices.ContainsFunc(r.Verdicts, func(o oracle.Verdict) bool {
		return o.Requirement == v.ComesOf && o.Status == oracle.Fail && o.Since == v.Since
	}) {
		return v.ComesOf
	}
	return ""
}

// standing says how many cases stand on it.
func (e Since) standing() string {
	switch e.Cases {
	case 0:
		return "seen in a control alone: no case fails so"
	case 1:
		return "1 case stands on it"
	}
	return fmt.Sprintf("%d cases stand on it", e.Cases)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// toldBy reports whether one of the cases is of the world in which the failure
// began, and fails the same.
func toldBy(outcomes []rig.Outcome, v oracle.Verdict) bool {
	return slices.ContainsFunc(outcomes, func(o rig.Outcome) bool {
		ofWorld := !o.Control && len(o.Case.Faults) == 0 && (v.Since == string(rig.WithBox) || len(o.Case.Chain) == 0)
		return ofWorld && slices.ContainsFunc(o.Result.Verdicts, func(own oracle.Verdict) bool {
			return own.Requirement == v.Requirement && own.Status == oracle.Fail && own.Since == ""
		})
	})
}

// SinceEntries are what reports of tests say of the musts that the client broke
// in simpler worlds: an entry each.
func SinceEntries(outcomes []rig.Outcome) []Entry {
	var list []Entry
	expected := expectedOf(resultsOf(outcomes))
	for _, e := range musts(SinceSimpler(outcomes)) {
		r := e.Example.Result
		r.ID, r.Title = "since "+e.Verdict.Since+": "+string(e.Verdict.Requirement), e.standing()
		r.Status, r.Reason, r.Faults, r.Known = oracle.Fail, e.Verdict.Reason, nil, expected[begun(e.Verdict)]
		v := e.Verdict
		v.Since = ""
		r.Verdicts = []oracle.Verdict{v}
		o := e.Example
		o.Result, o.Case.File = r, "since"
		list = append(list, NewEntry(o))
	}
	return list
}

// Ended says how the cases ended, as levels ask: musts alone count, and one that
// the client breaks in a simpler world already, where a case stands on it, it
// has not kept in the case. Controls are those in which it broke a must.
func Ended(outcomes, controls []rig.Outcome) []edition.Ended {
	accused := map[string]bool{}
	for _, o := range controls {
		accused[o.Case.ID] = o.Result.Accuses()
	}
	list := make([]edition.Ended, len(outcomes))
	for i, o := range outcomes {
		status, broke := o.Result.Status, o.Result.BrokeMust() || earlierMust(o.Result)
		for _, k := range rig.ControlsOf(o.Case) {
			broke = broke || accused[k.Case.ID]
		}
		switch {
		case status == oracle.Fail && !broke:
			status = oracle.Pass
		case status == oracle.Pass && broke:
			status = oracle.Fail
		}
		list[i] = edition.Ended{Case: o.Case, Status: status}
	}
	return list
}

// earlierMust reports whether a must fails since a simpler world.
func earlierMust(r rig.Result) bool {
	return slices.ContainsFunc(r.Earlier(), func(v oracle.Verdict) bool { return v.Level == requirement.Must })
}

// musts are those of the list that are musts.
func musts(list []Since) []Since {
	return slices.DeleteFunc(slices.Clone(list), func(s Since) bool { return s.Verdict.Level != requirement.Must })
}

// SinceMusts are the musts that the client broke in simpler worlds, with the
// worlds, in words and in order.
func SinceMusts(outcomes []rig.Outcome) []string {
	var list []string
	for _, s := range musts(SinceSimpler(outcomes)) {
		list = append(list, s.String())
	}
	slices.Sort(list)
	return list
}

// String names the requirement and the world.
func (e Since) String() string {
	return fmt.Sprintf("%s since %s", e.Verdict.Requirement, e.Verdict.Since)
}

// Unexpected are the musts that fail since a simpler world, and of which no known
// failure says so.
func Unexpected(outcomes []rig.Outcome) []Since {
	expected := expectedOf(resultsOf(outcomes))
	return slices.DeleteFunc(musts(SinceSimpler(outcomes)), func(s Since) bool { return expected[begun(s.Verdict)] != "" })
}

// Tell writes what failed in a simpler world, as Summary does.
func (t Terminal) Tell(list []Since) {
	for _, e := range list {
		q, _ := requirement.ByID(e.Verdict.Requirement)
		fmt.Fprintln(t.Out)
		t.headed(oracle.Fail, "%s  since %s: %s (%s); %s", oracle.Fail, e.Verdict.Since, e.Verdict.Requirement, statements(e.Verdict.Level, q), e.standing())
		t.say("  required   %s", q.Sentence)
		t.evidence(e.Example, e.Verdict, nil)
		t.reproduce(e.Example.Result)
	}
}

func resultsOf(outcomes []rig.Outcome) []rig.Result {
	list := make([]rig.Result, len(outcomes))
	for i, o := range outcomes {
		list[i] = o.Result
	}
	return list
}
