package oracle

import (
	"testing"

	"gauntlet/harness/judge/requirement"
)

func TestVerdict(t *testing.T) {
	agreed := requirement.Requirement{ID: "a.b", Level: requirement.Must, Standing: requirement.Agreed}
	disputed := agreed
	disputed.Standing = requirement.Disputed
	for name, c := range map[string]struct {
		of     requirement.Requirement
		find   func(*assessment)
		status Status
		reason string
	}{
		"nothing":           {agreed, func(*assessment) {}, Inconclusive, "nothing to check happened"},
		"nothing, and why":  {agreed, func(f *assessment) { f.missing("no %s", "poll") }, Inconclusive, "no poll"},
		"good":              {agreed, func(f *assessment) { f.ok(); f.missing("no poll") }, Pass, ""},
		"bad":               {agreed, func(f *assessment) { f.ok(); f.fail(nil, "bad") }, Fail, "bad"},
		"the first counts":  {agreed, func(f *assessment) { f.fail(nil, "one"); f.fail(nil, "two"); f.missing("none") }, Fail, "one"},
		"disputed and bad":  {disputed, func(f *assessment) { f.fail(nil, "bad") }, Inconclusive, "disputed requirement: bad"},
		"disputed and good": {disputed, func(f *assessment) { f.ok() }, Pass, ""},
	} {
		var f assessment
		c.find(&f)
		if v := f.verdict(c.of); v.Status != c.status || v.Reason != c.reason {
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
