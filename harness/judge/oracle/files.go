package oracle

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/workload"
)

// byFile is the condition that the client was told of a file that says its proxy, and
// did anything.
func byFile(more func(*trace.Trace) bool, missing string) Condition {
	return Condition{func(t *trace.Trace) bool { return t.Route.File != "" && more(t) }, missing}
}

// fileCame is when the client was first given the file, or heard that there is none.
func fileCame(t *trace.Trace) (at time.Duration, did bool) {
	for _, ev := range filesAsked(t) {
		if ev.How == http.MethodGet {
			return ev.At, true
		}
	}
	return 0, false
}

// filesAsked are the requests for the file.
func filesAsked(t *trace.Trace) (asked []*history.Event) {
	for i := range t.Events {
		if ev := &t.Events[i]; ev.Kind == history.FileAsked {
			asked = append(asked, ev)
		}
	}
	return asked
}

// readsFile holds that a client which is told of a proxy auto-configuration gets it by
// GET, and goes nowhere before it has come.
func readsFile(t *trace.Trace) (f Assessment) {
	if t.Route.File == "" {
		return Moot()
	}
	for _, ev := range filesAsked(t) {
		switch ev.How {
		case http.MethodGet:
			f.OK()
		case http.MethodHead: // changes nothing
		default:
			f.Fail(nil, "at %s the client asked for %s with %s; a file is got by GET", Clock(ev.At), ev.Text, ev.How)
		}
	}
	came, did := fileCame(t)
	early := func(at time.Duration) bool { return !did || at < came }
	for _, d := range t.Dials {
		if early(d.At) {
			f.Fail(nil, "at %s the client tried to connect to %s, before it had %s, which says the way", Clock(d.At), d.Address, t.Route.File)
		}
	}
	for _, c := range t.Connections {
		if early(c.Accepted) {
			f.Fail(nil, "connection %d was made at %s, before the client had %s, which says the way", c.Number, Clock(c.Accepted), t.Route.File)
		}
	}
	f.Missing("the client never asked for the file")
	return f
}

// goesToTheNext holds that a client uses the proxies that its file names in their
// order, and goes on to the next where nobody answers.
func goesToTheNext(t *trace.Trace) (f Assessment) {
	named := t.Route.Named
	if len(named) < 2 {
		return Moot()
	}
	came, did := fileCame(t)
	end := watchedUntil(t, 0)
	first := func(d trace.Dial) bool { return d.Address == named[0] }
	switch {
	case !did:
	case len(t.Connections) > 0 && len(t.Dials) > 0 && !slices.ContainsFunc(t.Dials, first):
		f.Fail(nil, "the client went by %s, and never tried %s, which its file names before", t.Route.Proxy, named[0])
	case len(t.Connections) > 0:
		f.OK()
	case end-came > requirement.BackMust || gaveUp(t):
		f.Fail(nil, "nobody answers at %s, and by %s the client had not gone on to %s, which its file names next", named[0], Clock(end), t.Route.Proxy)
	}
	f.Missing("the client did not get so far, or not for long enough to tell")
	return f
}

// tellsOfNoFile holds that a client which cannot get the file tells its user: what the
// way is only the file says. A step that was to fail is done when the client says so.
func tellsOfNoFile(t *trace.Trace) (f Assessment) {
	asked := filesAsked(t)
	const silence = "there was no file at %s, as the client knew at %s, and its user was told nothing of it by %s"
	if t.Route.How != trace.NoFile {
		return Moot()
	}
	if len(asked) == 0 {
		f.Missing("the client did not ask for the file")
		return f
	}
	since, speaks := asked[0].At, t.Speaks() || gaveUp(t)
	soon, by := since+requirement.ToldBy, since+requirement.ToldMust
	for i := range t.Events {
		ev := &t.Events[i]
		if ev.Kind != history.Failed && (ev.Kind != history.StepDone || !strings.HasPrefix(ev.Text, string(workload.Vain))) || ev.At < since {
			continue
		}
		speaks = true
		switch {
		case ev.At <= soon:
			f.OK()
			return f
		case ev.At <= by:
			f.Slip(nil, silence, t.Route.File, Clock(since), Clock(soon))
			return f
		}
	}
	switch {
	case speaks && t.End() > by:
		f.Fail(nil, silence, t.Route.File, Clock(since), Clock(by))
	case speaks && t.End() > soon:
		f.Slip(nil, silence, t.Route.File, Clock(since), Clock(soon))
	}
	f.Missing("the client says nothing of itself, or the run was too short to tell")
	return f
}
