package oracle_test

import (
	"testing"

	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

func TestVerdict(t *testing.T) {
	agreed := requirement.Requirement{ID: "a.b", Level: requirement.Must, Standing: requirement.Agreed}
	disputed := agreed
	disputed.Standing = requirement.Disputed
	for name, c := range map[string]struct {
		of      requirement.Requirement
		find    func(*Assessment)
		status  Status
		reason  string
		checked int
	}{
		"nothing":            {agreed, func(*Assessment) {}, Inconclusive, "nothing to check happened", 0},
		"nothing, and why":   {agreed, func(f *Assessment) { f.Missing("no %s", "poll") }, Inconclusive, "no poll", 0},
		"good":               {agreed, func(f *Assessment) { f.OK(); f.Missing("no poll") }, Pass, "", 1},
		"bad":                {agreed, func(f *Assessment) { f.OK(); f.Fail(nil, "bad") }, Fail, "bad", 2},
		"the first counts":   {agreed, func(f *Assessment) { f.Fail(nil, "one"); f.Fail(nil, "two"); f.Missing("none") }, Fail, "one", 2},
		"disputed and bad":   {disputed, func(f *Assessment) { f.Fail(nil, "bad") }, Inconclusive, "disputed requirement: bad", 1},
		"disputed and good":  {disputed, func(f *Assessment) { f.OK() }, Pass, "", 1},
		"bad, and excused":   {agreed, func(f *Assessment) { f.OK(); f.Fail(nil, "bad"); f.Excuse("not %s", "theirs") }, Inconclusive, "bad; not theirs", 0},
		"good, and excused":  {agreed, func(f *Assessment) { f.OK(); f.Excuse("not theirs") }, Pass, "", 1},
		"a slip, then worse": {agreed, func(f *Assessment) { f.Slip(nil, "late"); f.Fail(nil, "dead") }, Fail, "dead", 2},
		"bad, then a slip":   {agreed, func(f *Assessment) { f.Fail(nil, "dead"); f.Slip(nil, "late") }, Fail, "dead", 2},
	} {
		var f Assessment
		c.find(&f)
		if v := f.Verdict(c.of); v.Status != c.status || v.Reason != c.reason || v.Checked != c.checked {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func TestStatusAsText(t *testing.T) {
	for s := Inconclusive; s <= Broken; s++ {
		text, err := s.MarshalText()
		var back Status
		if err != nil || back.UnmarshalText(text) != nil || back != s {
			t.Errorf("%v became %q and %v", s, text, back)
		}
	}
	if all := Statuses(); len(all) != int(Broken)+1 || all[0] != Inconclusive || all[Broken] != Broken {
		t.Errorf("all are %v", all)
	}
	for _, s := range Statuses() {
		if len(s.Means()) < 20 {
			t.Errorf("%s means %q", s, s.Means())
		}
	}
	var s Status
	if s.UnmarshalText([]byte("Perhaps")) == nil {
		t.Error("an unknown status was read")
	}
	for s, want := range map[Status]string{
		Inconclusive: "Inconclusive", Pass: "Pass", Fail: "Fail", Blocked: "Blocked", Unsupported: "Unsupported", NotApplicable: "NotApplicable", Broken: "Broken",
		Broken + 1: "Status(7)", -1: "Status(-1)",
	} {
		if s.String() != want {
			t.Errorf("%s, want %s", s, want)
		}
	}
}
