package mutants

// dropsLast hears that it is over, and does not listen to the end.
var dropsLast = Mutant{
	Name:     "drops-last",
	Defect:   "drops the body of an answer with Session=close",
	Violates: "answer.delivered",
	Seen:     "Kopete, pymsn, emesene 1, gtmess-gw",
	Needs:    NeedsSetting,
	Cases:    []string{"last-words-*"},
	New:      onAnswers(dropLast),
}

func dropLast(a *answer) {
	if h, ok := a.session(); ok && h.Close {
		a.cutTo(0)
	}
}
