package oracle

import (
	"slices"

	"gauntlet/harness/judge/history"
)

// withoutProxy holds that a client which is told of no proxy, or to leave it,
// is served (S30).
func withoutProxy(e *Evidence) (f finding) {
	if how, _, _ := e.told(); how != toldDirect && how != toldOff {
		f.missing("the client was told to use a proxy")
		return f
	}
	for _, r := range e.Requests {
		if r.Served() {
			f.ok()
		}
	}
	switch {
	case f.checked > 0:
	case !e.seen():
		f.missing("nothing was seen of the client")
	case e.end() > e.comeBack(), len(e.Requests) == 0 && e.gaveUp():
		f.fail(nil, "in %s no request was answered", clock(e.end()))
	default:
		f.missing("no request was answered, but the run was short")
	}
	return f
}

// seen reports whether the client connected, tried to, or said anything: one that
// never got so far on a busy machine shows nothing of its ways.
func (e *Evidence) seen() bool {
	return len(e.Connections) > 0 || len(e.dials()) > 0 || e.speaks()
}

// gaveUp tells whether a step failed.
func (e *Evidence) gaveUp() bool {
	return slices.ContainsFunc(e.Events, func(ev history.Event) bool { return ev.Kind == history.StepFailed })
}
