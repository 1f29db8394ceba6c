package oracle

import (
	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
)

// leavesNothing holds that a client that is closed has closed its connections.
// What else it may leave in this process, a goroutine or a timer that holds
// one, is seen where it ends: virtual time cannot end with it (Leak).
func leavesNothing(e *Evidence) (f finding) {
	for i := range e.Events {
		ev := &e.Events[i]
		switch {
		case ev.Kind == history.LeftOpen:
			f.fail(nil, "the client was closed and left connection %d of its own, to %s, open", ev.Given, ev.ID)
		case ev.Kind == history.ClientClosed && ev.Given > 0:
			f.ok()
		case ev.Kind == history.ClientClosed && len(e.Requests) > 0:
			f.unfit = "the client is a process of its own, and what it leaves ends with that"
		}
	}
	f.missing("no client was closed that had made connections")
	return f
}

// Leak is the verdict on a client that left a goroutine behind.
func Leak(reason string) Verdict {
	return Verdict{Requirement: "client.leaves-nothing", Level: requirement.Must, Status: Fail, Checked: 1, Reason: reason}
}
