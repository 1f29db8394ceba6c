package fault

import "testing"

func TestASchedulesCountsOutliveAChange(t *testing.T) {
	parse := func(text string) Fault {
		f, err := Parse(text, Vocabulary{})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	third, second := parse("hop 0: on request 3, answer: reset"), parse("hop 0: on request 2, answer: close")
	s := NewSchedule([]Fault{third}, 1)
	hits := func() int { return len(s.Standing(0).Head(0, nil)) }
	if hits() != 0 {
		t.Error("struck at the first")
	}
	s = s.With(second)
	if hits() != 0 { // the second of all, the first for the new fault
		t.Error("struck at the second")
	}
	if hits() != 2 { // third of all, second since
		t.Error("did not strike at the third")
	}
	s = s.Without(third.String())
	if got := s.Faults(); len(got) != 1 || got[0].String() != second.String() || s.Counted(0) != 2 {
		t.Errorf("%v, counted %d", got, s.Counted(0))
	}
	h := s.Without(second.String()).Standing(0)
	if h == nil || h.Struck(second.String(), 0) != nil || len(h.Connection(0)) != 0 || h.Lookup(0) != nil || h.Moments() != nil || h.HoldsHead() || h.Any(func(Fault) bool { return true }) {
		t.Error("an empty schedule strikes")
	}
}
