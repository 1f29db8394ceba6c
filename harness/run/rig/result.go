package rig

import (
	"slices"
	"time"

	"gauntlet/harness/judge/economy"
	"gauntlet/harness/judge/fate"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

// Result is the judgement of one case, as it is stored and printed.
type Result struct {
	ID        string           `json:"id"`
	Title     string           `json:"title"`
	Mode      Mode             `json:"mode"`
	Seed      uint64           `json:"seed"`
	Dialect   string           `json:"dialect"`
	Client    string           `json:"client"`
	Chain     []string         `json:"chain"`
	Status    oracle.Status    `json:"status"`
	Reason    string           `json:"reason,omitempty"`
	Known     string           `json:"known,omitempty"` // why this failure is expected of this client
	Faults    []FaultReport    `json:"faults"`
	Fates     []fate.Fate      `json:"fates"` // of the exchanges that were disturbed
	Verdicts  []oracle.Verdict `json:"verdicts"`
	Economy   economy.Figures  `json:"economy"`
	Controls  Controls         `json:"controls"`
	Protocol  int64            `json:"protocol_ms"`
	Wall      int64            `json:"wall_ms"`
	Reproduce string           `json:"reproduce"`
}

// Controls are the outcomes of the runs without a fault that a case leans on:
// the same workload with no box, and with the boxes but undisturbed. Empty:
// the case is such a run itself.
type Controls struct {
	Direct *oracle.Status `json:"direct,omitempty"`
	Box    *oracle.Status `json:"box,omitempty"`
}

// newResult judges a run by itself, without a look at its controls.
func newResult(run Run, wall time.Duration) Result {
	c := run.Case
	r := Result{
		ID: c.ID, Title: c.Title, Mode: run.Options.Mode, Seed: run.Options.Seed, Dialect: c.Dialect,
		Client: run.Options.ClientName, Chain: []string{}, Faults: run.Faults, Verdicts: []oracle.Verdict{},
		Fates: []fate.Fate{}, Economy: economy.Figures{Recovered: -1},
		Protocol: run.Protocol.Milliseconds(), Wall: wall.Milliseconds(),
	}
	for _, spec := range c.Chain {
		r.Chain = append(r.Chain, spec.String())
	}
	if r.Faults == nil {
		r.Faults = []FaultReport{}
	}
	return r
}

// settle gives the case its status: Fail by the first finding, else that of the
// first of what it is to prove that was not, else Pass. A should that fails is no
// failure of the case, but it is concluded.
func (r *Result) settle(proves []requirement.ID) {
	r.Status, r.Reason = oracle.Pass, ""
	if findings := r.Findings(); len(findings) > 0 {
		r.Status, r.Reason = oracle.Fail, findings[0].why()
		return
	}
	for _, v := range r.Verdicts {
		open := v.Status != oracle.Pass && v.Status != oracle.Fail && slices.Contains(proves, v.Requirement)
		if open && r.Status == oracle.Pass {
			r.Status, r.Reason = v.Status, string(v.Requirement)+": "+v.Reason
		}
	}
}

// CountShoulds lets shoulds count like musts: a case that passed fails by the first
// that failed.
func (r *Result) CountShoulds() {
	if broken := r.broken(requirement.Should); r.Status == oracle.Pass && len(broken) > 0 {
		r.Status = oracle.Fail
		r.Reason = r.Findings()[0].why()
	}
}

// BrokeMust reports whether a must failed, and not shoulds alone.
func (r *Result) BrokeMust() bool { return len(r.broken(requirement.Must)) > 0 }
