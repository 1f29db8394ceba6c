package rig

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/http1"
)

// Whose fault is it? A result is judged by itself first (Judge). Then it is
// compared, requirement by requirement, with the same client in simpler worlds
// (since when?), and what the client gave up over is named by the condition
// that only this world has (what changed?). At last a must that is still broken
// is tried with the reference client in the same world (could anybody?).

// Baseline is the result of a control.
type Baseline struct {
	World  World
	Result *Result
}

// Baselines are the results of the case's controls, the simplest first; find
// returns nil for one that was not run.
func Baselines(c catalogue.Case, find func(id string) *Result) []Baseline {
	return baselines(ControlsOf(c), find)
}

func baselines(controls []Control, find func(id string) *Result) []Baseline {
	var list []Baseline
	for _, k := range controls {
		if r := find(k.Case.ID); r != nil {
			list = append(list, Baseline{k.World, r})
		}
	}
	return list
}

// Compare finds out since when each requirement fails, and what of this world
// was too much. It may be called again, with more baselines.
func (r *Result) Compare(c catalogue.Case, simpler []Baseline) {
	r.Controls = Controls{}
	for _, b := range simpler {
		r.Controls.note(b, oddGateway(c))
	}
	if !r.judged() || len(r.Verdicts) == 0 {
		return // nothing was asked of the client
	}
	for i := range r.Verdicts {
		r.Verdicts[i].Since = ""
		since(&r.Verdicts[i], simpler)
	}
	r.inherit()
	r.nameCause(c, simpler)
	r.settle(c.Proves)
}

// inherit puts down the silence of a client that falls silent in a simpler
// world to that world: that it does not recover here is no news; nor is what comes of a
// failure that is none.
func (r *Result) inherit() {
	silent, back := r.verdict("poll.keeps-going"), r.verdict("connection.recovers")
	if silent != nil && back != nil && silent.Since != "" && back.Status == oracle.Fail && back.Since == "" {
		back.Since = silent.Since
	}
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		switch cause := r.verdict(v.ComesOf); {
		case cause == nil || v.Status != oracle.Fail || v.Since != "":
		case cause.Status == oracle.Blocked:
			v.Status, v.Reason = oracle.Blocked, cause.Reason
		default:
			v.Since = cause.Since
		}
	}
}

func (c *Controls) note(b Baseline, odd bool) {
	switch {
	case b.World == WithBox:
		c.Box = &b.Result.Status
	case b.World == Undisturbed && odd:
		c.Plain = &b.Result.Status
	default:
		c.Direct = &b.Result.Status
	}
}

// since marks a failure that a simpler world shows too. What nobody could do
// there, nobody can do here.
func since(v *oracle.Verdict, simpler []Baseline) {
	if v.Status != oracle.Fail {
		return
	}
	for _, b := range simpler {
		if was := b.Result.verdict(v.Requirement); was != nil && was.Status == oracle.Fail {
			v.Since = string(b.World)
			return
		} else if was != nil && was.Status == oracle.Blocked {
			v.Status, v.Reason = oracle.Blocked, was.Reason
			return
		}
	}
}

// verdict is that on a requirement; nil if there is none.
func (r *Result) verdict(id requirement.ID) *oracle.Verdict {
	for i := range r.Verdicts {
		if r.Verdicts[i].Requirement == id {
			return &r.Verdicts[i]
		}
	}
	return nil
}

// generic are the requirements that any defect breaks which makes a client give
// up: they say that something was too much, and not what.
var generic = []requirement.ID{"command.carried-out", "poll.keeps-going"}

// nameCause says what was too much for a client that gave up here, and not in
// the next simpler world: the difference between the two is the cause. A fault
// and an odd gateway are what the case is about by its first requirement, which
// then failed; of a box alone the reason says so.
func (r *Result) nameCause(c catalogue.Case, simpler []Baseline) {
	gaveUp := r.verdict(generic[0])
	if !nextIsKnown(c, simpler) || gaveUp == nil || gaveUp.Status != oracle.Fail || gaveUp.Level != requirement.Must || gaveUp.Since != "" || r.spared() {
		return
	}
	before := simpler[len(simpler)-1].Result.verdict(generic[0])
	named := func(v oracle.Verdict) bool {
		return !slices.Contains(generic, v.Requirement) && !slices.Contains(generic, v.ComesOf)
	}
	if before == nil || before.Status != oracle.Pass || slices.ContainsFunc(r.Failures(), named) {
		return
	}
	reason := gaveUpOver(c)
	about := gaveUp
	if len(c.Faults) > 0 || oddGateway(c) && len(c.Chain) == 0 {
		if v := r.verdict(c.Proves[0]); v != nil && v.Level == requirement.Must && v.ComesOf == "" {
			about = v
		}
	}
	if !strings.HasPrefix(gaveUp.Reason, reason) {
		about.Reason = reason + gaveUp.Reason
	}
	if about != gaveUp {
		about.Status, about.Checked, about.Exchanges = oracle.Fail, about.Checked+1, r.disturbed()
	}
}

// gaveUpOver begins the reason of what a client gave up over.
func gaveUpOver(c catalogue.Case) string {
	return fmt.Sprintf("with %s the client gave up, and without it did not: ", beyond(c))
}

// nextIsKnown reports whether the next simpler world is among them: in a run that
// was ended early it may not be.
func nextIsKnown(c catalogue.Case, simpler []Baseline) bool {
	all := ControlsOf(c)
	return len(all) > 0 && len(simpler) > 0 && simpler[len(simpler)-1].World == all[len(all)-1].World
}

// spared reports whether none of the faults has fired.
func (r *Result) spared() bool {
	return len(r.Faults) > 0 && !slices.ContainsFunc(r.Faults, func(f FaultReport) bool { return f.Fired > 0 })
}

// disturbed is the last exchange that was, as evidence; none if none was.
func (r *Result) disturbed() []int {
	for _, f := range slices.Backward(r.Fates) {
		if f.Exchange > 0 {
			return []int{f.Exchange}
		}
	}
	return nil
}

// Confirm holds the result against the reference client in the same world. What
// that cannot do either, or never got to, is Blocked: nobody gets through.
func (r *Result) Confirm(c catalogue.Case, reference Outcome) {
	if !reference.Result.judged() {
		return
	}
	stuck := reference.neverSignedIn()
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		if v.Status != oracle.Fail || v.Since != "" {
			continue
		}
		asked := cmp.Or(v.ComesOf, v.Requirement)
		if strings.HasPrefix(v.Reason, gaveUpOver(c)) {
			asked = generic[0] // named by what was too much, for having given up
		}
		theirs := reference.Result.verdict(asked)
		could := theirs != nil && theirs.Status == oracle.Pass && (!stuck || !slices.Contains(goingOn, asked))
		never := theirs == nil || theirs.Status != oracle.Fail
		if could || never && !reference.Result.Accuses() {
			continue
		}
		v.Status = oracle.Blocked
		v.Reason = fmt.Sprintf("%s: the reference client fails too (%s); seen: %s",
			nobody(&reference.Result), reference.Result.Reason, inTheWay(reference))
	}
	r.settle(c.Proves)
}

// goingOn are the requirements that ask a client to go on. Where even the reference
// client does not get so far as to sign in, it goes on in vain, and who gives up is
// not to blame.
var goingOn = append([]requirement.ID{"close.reopens-once", "connection.session-survives", "connection.recovers"}, generic...)

// neverSignedIn reports whether the user tried to sign in and could not.
func (o Outcome) neverSignedIn() bool {
	told := func(kind history.Kind) bool {
		return slices.ContainsFunc(o.events(), func(e history.Event) bool {
			return e.Kind == kind && strings.HasPrefix(e.Text, string(workload.SignIn))
		})
	}
	return told(history.StepFailed) && !told(history.StepDone)
}

// nobody says what it means that the reference client fails here.
func nobody(reference *Result) string {
	if done := reference.verdict(generic[0]); done != nil && done.Status == oracle.Pass {
		return "nobody could do this here"
	}
	return "nobody gets through here"
}

// Uphold keeps what the reference client's run had shown when the case was
// run, which nobody can see in its history: what was Blocked then is Blocked
// now, where it fails. It can make no pass.
func (r *Result) Uphold(c catalogue.Case, then Result) {
	if !r.judged() || len(r.Verdicts) == 0 {
		return
	}
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		if was := then.verdict(v.Requirement); v.Status == oracle.Fail && v.Since == "" && was != nil && was.Status == oracle.Blocked {
			v.Status, v.Reason = oracle.Blocked, was.Reason
		}
	}
	r.settle(c.Proves)
}

// inTheWay says in a few words what kept the reference client from getting
// through.
func inTheWay(reference Outcome) string {
	events := reference.events()
	here := history.Exchanges(events, 0)
	if len(here) == 0 {
		return "no request reached the first hop"
	}
	for hop := 1; ; hop++ {
		there := forwarded(here, history.Exchanges(events, hop))
		if len(there) == 0 {
			break
		}
		if n := lostBody(here, there); n != 0 {
			return fmt.Sprintf("the body of request %d is there at hop %d and missing at hop %d", n, hop-1, hop)
		}
		here = there
	}
	return answersOf(reference.reader, history.Exchanges(events, 0)) + fired(reference.Result.Faults)
}

// fired names the faults that did.
func fired(faults []FaultReport) (text string) {
	for _, f := range faults {
		if f.Fired > 0 {
			text += ", and " + f.Text
		}
	}
	return text
}

// forwarded are those requests further on that can be one of these. A real
// proxy has questions of its own, such as Squid's for a digest.
func forwarded(here, there []*history.Exchange) []*history.Exchange {
	asked := map[string]bool{}
	for _, x := range here {
		asked[method(x)] = true
	}
	return slices.DeleteFunc(there, func(x *history.Exchange) bool { return !asked[method(x)] })
}

func method(x *history.Exchange) string {
	name, _, _ := strings.Cut(string(x.Head), " ")
	return name
}

// lostBody is the first request with a body where there is none further on at
// all; 0 if there is no such.
func lostBody(here, there []*history.Exchange) int {
	if slices.ContainsFunc(there, func(x *history.Exchange) bool { return len(x.Body) > 0 }) {
		return 0
	}
	for _, x := range here {
		if len(x.Body) > 0 {
			return x.Ordinal
		}
	}
	return 0
}

// answersOf says how the requests were answered.
func answersOf(by trace.Reader, list []*history.Exchange) string {
	count, answered, pages := map[int]int{}, 0, 0
	for _, x := range list {
		if x.Status != 0 {
			count[x.Status]++
			answered++
		}
		if head := http1.Parse(x.AnswerHead); x.Status == 200 && by.Answer(&head) == nil {
			pages++
		}
	}
	switch {
	case answered == 0:
		return fmt.Sprintf("no answer to any of %d requests", len(list))
	case pages == len(list):
		return fmt.Sprintf("a page of somebody else's in answer to all of %d requests", pages)
	case count[200] == len(list):
		return "an answer to every request"
	case len(count) == 1:
		for status := range count {
			return fmt.Sprintf("%d to everything", status)
		}
	}
	worst := 0
	for _, status := range slices.Sorted(maps.Keys(count)) {
		if status != 200 && count[status] > count[worst] {
			worst = status
		}
	}
	return fmt.Sprintf("%d to %d of %d requests", worst, count[worst], len(list))
}
