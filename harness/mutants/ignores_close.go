package mutants

// ignoresClose asks on until it is refused.
var ignoresClose = Mutant{
	Name:     "ignores-close",
	Defect:   "ignores Session=close",
	Violates: "close.honoured",
	Seen:     "libpurple 2, papyon, aMSN, SIM, emesene 2",
	Needs:    NeedsSetting,
	Cases:    []string{"kicked-*-direct"},
	New:      onAnswers(withoutClose),
}

func withoutClose(a *answer) {
	if h, ok := a.session(); ok {
		h.Close = false
		a.setSession(h)
	}
}
