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
		of     requirement.Requirement
		find   func(*Assessment)
		status Status
		reason string
	}{
		"nothing":           {agreed, func(*Assessment) {}, Inconclusive, "nothing to check happened"},
		"nothing, and why":  {agreed, func(f *Assessment) { f.Missing("no %s", "poll") }, Inconclusive, "no poll"},
		"good":              {agreed, func(f *Assessment) { f.OK(); f.Missing("no poll") }, Pass, ""},
		"bad":               {agreed, func(f *Assessment) { f.OK(); f.Fail(nil, "bad") }, Fail, "bad"},
		"the first counts":  {agreed, func(f *Assessment) { f.Fail(nil, "one"); f.Fail(nil, "two"); f.Missing("none") }, Fail, "one"},
		"disputed and bad":  {disputed, func(f *Assessment) { f.Fail(nil, "bad") }, Inconclusive, "disputed requirement: bad"},
		"disputed and good": {disputed, func(f *Assessment) { f.OK() }, Pass, ""},
	} {
		var f Assessment
		c.find(&f)
		if v := f.Verdict(c.of); v.Status != c.status || v.Reason != c.reason {
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
	var s Status
	if s.UnmarshalText([]byte("Perhaps")) == nil {
		t.Error("an unknown status was read")
	}
	if Status(99).String() != "Status(99)" {
		t.Error(Status(99).String())
	}
}
