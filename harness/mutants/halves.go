package mutants

import (
	"gauntlet/harness/msn/msnp"
)

// halves reads each body for itself.
var halves = Mutant{
	Name:     "halves",
	Defect:   "forgets a command that goes on in the next body",
	Violates: "command.carried-out",
	Seen:     "libpurple, Gaim, papyon, pymsn, emesene",
	Needs:    NeedsSetting,
	Cases:    []string{"split-*"},
	New:      onAnswers(wholeCommands),
}

// wholeCommands cuts off what is not complete.
func wholeCommands(a *answer) {
	d := msnp.Decoder{From: msnp.Server}
	d.Feed(a.body)
	for {
		if _, ok, err := d.Next(); !ok || err != nil {
			break
		}
	}
	if n := d.Buffered(); n > 0 && a.whole {
		a.cutTo(len(a.body) - n)
	}
}
