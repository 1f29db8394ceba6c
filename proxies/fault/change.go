package fault

// With is the schedule with more faults. What was counted for the others stays
// counted; the new ones count from now.
func (s *Schedule) With(more ...Fault) *Schedule {
	next := s.kept(func(string) bool { return true })
	added := NewSchedule(more, s.seed)
	next.faults, next.texts = append(next.faults, added.faults...), append(next.texts, added.texts...)
	next.withholds = append(next.withholds, added.withholds...)
	next.counts, next.came = append(next.counts, added.counts...), append(next.came, added.came...)
	return next
}

// Without is the schedule without the faults of these texts.
func (s *Schedule) Without(texts ...string) *Schedule {
	gone := map[string]bool{}
	for _, text := range texts {
		gone[text] = true
	}
	return s.kept(func(text string) bool { return !gone[text] })
}

// kept is the schedule with the faults that stay, and their counts.
func (s *Schedule) kept(stays func(text string) bool) *Schedule {
	next := &Schedule{seed: s.seed}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, text := range s.texts {
		if stays(text) {
			next.faults, next.texts = append(next.faults, s.faults[i]), append(next.texts, text)
			next.withholds = append(next.withholds, s.withholds[i])
			next.counts, next.came = append(next.counts, s.counts[i]), append(next.came, s.came[i])
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
