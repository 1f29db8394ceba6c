package oracle

import (
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
)

// carriedOut holds that each step which the user asked for was done. The rig
// records a step as failed when the client says so, when it took too long, or
// when the other side saw nothing of it.
func carriedOut(e *Evidence) (f finding) {
	if e.nobodyCame() {
		f.missing("nobody came")
		return f
	}
	for i := range e.Events {
		ev := &e.Events[i]
		switch ev.Kind {
		case history.StepDone:
			f.ok()
		case history.StepFailed:
			f.fail(nil, "%s", strings.TrimSpace(ev.Text))
		case history.Crashed:
			f.fail(nil, "the client crashed: %s", firstLine(ev.Text))
		case history.ClientGone:
			f.fail(nil, "the client %s", firstLine(ev.Text))
		case history.OverBudget:
			f.fail(nil, "%s", ev.Text)
		}
	}
	if e.endedByHand("") && !f.failed {
		return finding{reason: "the run was ended by hand"}
	}
	f.missing("the user asked for nothing")
	return f
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// Crash is the verdict on a client that took its process down or would not
// end, where no history is left to judge.
func Crash(reason string) Verdict {
	return Verdict{Requirement: "command.carried-out", Level: requirement.Must, Status: Fail, Checked: 1, Reason: reason}
}
