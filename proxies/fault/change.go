package fault

import "slices"

// With is the schedule with one more fault. What was counted for the others
// stays counted; the new one counts from now.
func (s *Schedule) With(f Fault) *Schedule {
	return s.changed(append(s.Faults(), f))
}

// Without is the schedule without the faults of that text.
func (s *Schedule) Without(text string) *Schedule {
	return s.changed(slices.DeleteFunc(s.Faults(), func(f Fault) bool { return f.String() == text }))
}

// changed keeps the counts of the faults that were there before.
func (s *Schedule) changed(faults []Fault) *Schedule {
	next := NewSchedule(faults, s.seed)
	s.mu.Lock()
	defer s.mu.Unlock()
	from := 0
	for i, text := range next.texts {
		if at := slices.Index(s.texts[from:], text); at >= 0 {
			next.counts[i], next.came[i] = s.counts[from+at], s.came[from+at]
			from += at + 1
		}
	}
	return next
}

// Standing is Hop, but never nil: whoever has it can be given faults later.
func (s *Schedule) Standing(n int) *Hop {
	if h := s.Hop(n); h != nil {
		return h
	}
	return &Hop{schedule: s}
}
