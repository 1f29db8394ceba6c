package rig

import (
	"fmt"
	"strings"
	"time"

	"gauntlet/harness/judge/economy"
	"gauntlet/harness/judge/fate"
	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

// realTies is up to what an apparent overlap on real sockets is put down to
// the scheduler.
const realTies = 50 * time.Millisecond

// Judge turns a run into a result. Validity comes first: a run that was broken
// or skipped proves nothing, and where a fault never struck a pass is worth
// nothing. A failure before that stands: the client may be the reason.
func Judge(run Run, wall time.Duration) Result {
	r := newResult(run, wall)
	switch {
	case run.Broken != nil:
		r.Status, r.Reason = oracle.Broken, run.Broken.Error()
		return r
	case run.Skipped != "":
		r.Status, r.Reason = oracle.NotApplicable, run.Skipped
		return r
	}
	if run.Refused != nil {
		r.Status, r.Reason = oracle.Unsupported, run.Refused.Error()
		return r
	}
	if run.Unready != nil {
		r.Status, r.Reason = oracle.Inconclusive, run.Unready.Error()
		return r
	}
	registry := run.Options.Oracles
	if registry == nil {
		registry = oracle.Oracles()
	}
	evidence := oracle.NewEvidence(run.Events, facts(run))
	r.Verdicts = registry.Judge(evidence)
	r.Fates, r.Economy = fate.Of(evidence, len(run.Case.Chain)), economy.Of(evidence)
	r.lower(run.Case.Level)
	r.settle(run.Case.Proves)
	if idle := unfired(run.Faults); idle != "" && r.Status != oracle.Fail {
		r.weaken("never fired: " + idle)
	}
	if r.Status != oracle.Pass {
		r.Reason += turnedAway(run.Events)
	}
	return r
}

// mostRefusals bounds those that a reason names.
const mostRefusals = 2

// turnedAway adds to a reason what the user's client was refused on the way to
// being signed in: whatever else is said follows from it, as a rule.
func turnedAway(events []history.Event) string {
	text, n := "", 0
	for _, r := range history.Refusals(events) {
		if r.User != "" && !strings.EqualFold(r.User, UserEmail) {
			continue
		}
		if n++; n > mostRefusals {
			return text + "; …"
		}
		text += "; refused: " + r.String()
	}
	return text
}

// refusalsOf are all of them, for the log of the client's process, which knows
// what it did next and not why.
func refusalsOf(events []history.Event) []byte {
	var text []byte
	for _, r := range history.Refusals(events) {
		text = fmt.Appendf(text, "[gauntlet, after %.3f s: refused: %s]\n", r.At.Seconds(), r)
	}
	return text
}

// lower makes the musts of a case that may only ask less into shoulds.
func (r *Result) lower(to requirement.Level) {
	if to == "" || to == requirement.Must {
		return
	}
	for i := range r.Verdicts {
		if r.Verdicts[i].Level == requirement.Must {
			r.Verdicts[i].Level = to
		}
	}
}

func facts(run Run) oracle.Facts {
	f := oracle.Facts{User: UserEmail, Contact: ContactEmail, Script: run.Case.Workload, Attended: run.Options.Mode == Attached}
	if run.Options.Mode != Virtual {
		f.Ties = realTies
	}
	return f
}

func unfired(faults []FaultReport) string {
	var idle []string
	for _, f := range faults {
		if f.Fired == 0 {
			idle = append(idle, f.Text)
		}
	}
	return strings.Join(idle, "; ")
}

// weaken takes back every pass.
func (r *Result) weaken(reason string) { r.demote(oracle.Inconclusive, reason) }

func (r *Result) demote(to oracle.Status, reason string) {
	for i := range r.Verdicts {
		if v := &r.Verdicts[i]; v.Status == oracle.Pass || to == oracle.Blocked {
			v.Status, v.Reason = to, reason
		}
	}
	r.Status, r.Reason = to, reason
}

// Lean applies the outcomes of the controls. Without a sound direct run the
// set-up is to blame; if only the boxes undisturbed are too much for the
// client, that is said by the control's own case, and this one is blocked.
func (r *Result) Lean(direct, box *Result) {
	r.Controls = Controls{Direct: statusOf(direct), Box: statusOf(box)}
	if r.Status == oracle.Broken || r.Status == oracle.NotApplicable || r.Status == oracle.Unsupported {
		return
	}
	switch {
	case direct != nil && direct.Status != oracle.Pass:
		r.demote(oracle.Inconclusive, fmt.Sprintf("its control without a box is %s: %s", direct.Status, direct.Reason))
	case box != nil && box.Status != oracle.Pass:
		r.demote(oracle.Blocked, fmt.Sprintf("its control without a fault is %s: %s", box.Status, box.Reason))
	}
}

func statusOf(r *Result) *oracle.Status {
	if r == nil {
		return nil
	}
	return &r.Status
}
