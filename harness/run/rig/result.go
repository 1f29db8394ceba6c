package rig

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"gauntlet/harness/judge/economy"
	"gauntlet/harness/judge/fate"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

// Result is the judgement of one case, as it is stored and printed.
type Result struct {
	ID      string        `json:"id"`
	Title   string        `json:"title"`
	Mode    Mode          `json:"mode"`
	Seed    uint64        `json:"seed"`
	Dialect string        `json:"dialect"`
	Client  string        `json:"client"`
	Chain   []string      `json:"chain"`
	Status  oracle.Status `json:"status"`
	Reason  string        `json:"reason,omitempty"`
	Known   string        `json:"known,omitempty"` // why this failure is expected of this client
	// TurnedAway says which logins were refused, to be read behind the reason.
	TurnedAway string `json:"turned_away,omitempty"`
	// Absent is what the case is about and did not come about for this client.
	Absent string `json:"absent,omitempty"`
	// Stalled is that a failure could not stand because the machine was too slow,
	// and Again why the case was run a second time.
	Stalled bool   `json:"stalled,omitempty"`
	Again   string `json:"again,omitempty"`
	// Certain is the exchange at hop 0 after which the failure was certain, if
	// somebody has looked for it; else 0.
	Certain   int              `json:"certain,omitempty"`
	Faults    []FaultReport    `json:"faults"`
	Fates     []fate.Fate      `json:"fates"` // of the exchanges that were disturbed
	Verdicts  []oracle.Verdict `json:"verdicts"`
	Economy   economy.Figures  `json:"economy"`
	Controls  Controls         `json:"controls"`
	Protocol  int64            `json:"protocol_ms"`
	Wall      int64            `json:"wall_ms"`
	Reproduce string           `json:"reproduce"`

	strict bool // shoulds count like musts
}

// Controls are the outcomes of the runs without a fault that a case is compared
// with: the same workload with the documented gateway, with the case's gateway
// and no box, and with the boxes but undisturbed. Empty: the case is such a run
// itself.
type Controls struct {
	Plain  *oracle.Status `json:"plain,omitempty"`
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

// settle gives the case its status: Fail by the first finding, else Blocked by
// what it was to prove and the client or anybody fails in a simpler world, else
// that of the first of what it is to prove that was not, else Pass. A should that
// fails, here or since a simpler world, is no failure of the case, but it is concluded. Where a fault never
// fired, a pass is worth nothing, and what the client fails in a simpler world already is
// told as the reason that there may be; a failure here before that stands: the client may
// be the reason.
func (r *Result) settle(proves []requirement.ID) {
	r.Status, r.Reason = oracle.Pass, ""
	if findings := r.Findings(); len(findings) > 0 {
		r.Status, r.Reason = oracle.Fail, findings[0].why()
	}
	for _, v := range r.Verdicts {
		if s := standing(v, proves); weight[s] > weight[r.Status] {
			r.Status, r.Reason = s, string(v.Requirement)+": "+v.Reason
			if v.Since != "" {
				r.Reason = "since " + v.Since + ": " + r.Reason
			}
		}
	}
	if idle := unfired(r.Faults); idle != "" && r.Status != oracle.Fail {
		r.weaken("never fired: " + idle)
		if earlier := r.Earlier(); len(earlier) > 0 {
			r.Reason += fmt.Sprintf("; since %s: %s: %s", earlier[0].Since, earlier[0].Requirement, earlier[0].Reason)
		}
	}
	if r.Absent != "" && r.Status == oracle.Pass {
		r.weaken(r.Absent)
	}
	if r.Status != oracle.Pass {
		r.Reason += r.TurnedAway
	}
}

// weight says which status of a verdict decides on a case's.
var weight = map[oracle.Status]int{
	oracle.Fail: 3, oracle.Blocked: 2,
	oracle.Inconclusive: 1, oracle.Unsupported: 1, oracle.NotApplicable: 1, oracle.Broken: 1,
}

// standing is what a verdict that is no finding means to a case that is to prove
// some.
func standing(v oracle.Verdict, proves []requirement.ID) oracle.Status {
	asked := slices.Contains(proves, v.Requirement)
	switch {
	case v.Status == oracle.Fail && v.Since != "" && v.Level == requirement.Must && asked:
		return oracle.Blocked
	case v.Status == oracle.Blocked && (asked || v.Level == requirement.Must):
		return oracle.Blocked
	case v.Status != oracle.Fail && asked:
		return v.Status
	}
	return oracle.Pass
}

// CountShoulds lets shoulds count like musts: a case that passed fails by the first
// that failed.
func (r *Result) CountShoulds() {
	r.strict = true
	if broken := r.broken(requirement.Should); r.Status == oracle.Pass && len(broken) > 0 {
		r.Status = oracle.Fail
		r.Reason = r.Findings()[0].why()
	}
}

// BrokeMust reports whether a must failed, and not shoulds alone.
func (r *Result) BrokeMust() bool { return len(r.broken(requirement.Must)) > 0 }

// Earlier are the failures that count and that a simpler world shows already.
func (r *Result) Earlier() []oracle.Verdict {
	return slices.DeleteFunc(slices.Clone(r.Verdicts), func(v oracle.Verdict) bool {
		counts := v.Level == requirement.Must || r.strict && v.Level == requirement.Should
		return !counts || v.Status != oracle.Fail || v.Since == ""
	})
}

// weaken takes back every pass.
func (r *Result) weaken(reason string) {
	for i := range r.Verdicts {
		if v := &r.Verdicts[i]; v.Status == oracle.Pass {
			v.Status, v.Reason = oracle.Inconclusive, reason
		}
	}
	r.Status, r.Reason = oracle.Inconclusive, reason
}

// Accuses reports whether the client is said to have broken a must here.
func (r *Result) Accuses() bool { return r.judged() && r.BrokeMust() }

// doubt says why a run in real time is no evidence and worth another one, alone;
// empty if it is not.
func (r *Result) doubt(strict bool) string {
	switch {
	case r.Status == oracle.Fail || !r.judged():
		return ""
	case r.Stalled && (strict || r.Status != oracle.Pass || slices.ContainsFunc(r.Verdicts, mustTakenBack)):
		return "this machine was too slow"
	case r.Status == oracle.Inconclusive && unfired(r.Faults) != "":
		return "a fault never fired"
	}
	return ""
}

// judged reports whether there are verdicts that say something of the client.
func (r *Result) judged() bool {
	return r.Status != oracle.Broken && r.Status != oracle.NotApplicable && r.Status != oracle.Unsupported
}

// Finding is one defect of a client: the requirement that it broke first, and
// those that it broke by the same exchanges, which mostly follow from that.
type Finding struct {
	oracle.Verdict
	Follows []oracle.Verdict
}

// why is the finding in a line.
func (f Finding) why() string { return string(f.Requirement) + ": " + f.Reason }

// losses are what a user loses by a broken requirement, the heaviest first. What
// is not listed costs the user nothing by itself.
var losses = []requirement.ID{
	"command.not-lost", "answer.delivered", "command.not-doubled", "command.in-order", "command.carried-out",
	"connection.session-survives", "close.reopens-once", "poll.keeps-going", "connection.recovers", "close.says-out",
}

// Findings are what the client broke, the heaviest loss first: musts, or in a case
// that failed by shoulds alone, these. A should may be the cause of a must.
func (r *Result) Findings() []Finding {
	failures := r.broken(requirement.Must)
	if len(failures) == 0 && r.Status == oracle.Fail {
		failures = r.broken(requirement.Should)
	}
	failures, effects := withCauses(failures)
	var list []Finding
	for _, group := range grouped(failures) {
		slices.SortStableFunc(group, func(a, b oracle.Verdict) int {
			return cmp.Or(cmp.Compare(begun(a), begun(b)), causesFirst(a, b))
		})
		list = append(list, Finding{group[0], group[1:]})
	}
	list = caused(list)
	heaviestFirst(list)
	if list = follow(list); len(effects) == 0 {
		list = r.underSlip(list)
	}
	for _, v := range effects {
		i := slices.IndexFunc(list, func(f Finding) bool { return f.has(v.ComesOf) })
		list[i].Follows = append(list[i].Follows, v)
	}
	heaviestFirst(list)
	return list
}

func heaviestFirst(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int { return cmp.Compare(a.weight(), b.weight()) })
}

// withCauses sets those failures apart that come of another of them.
func withCauses(failures []oracle.Verdict) (causes, effects []oracle.Verdict) {
	for _, v := range failures {
		if slices.ContainsFunc(failures, func(o oracle.Verdict) bool { return v.ComesOf != "" && o.Requirement == v.ComesOf && o.ComesOf == "" }) {
			effects = append(effects, v)
		} else {
			causes = append(causes, v)
		}
	}
	return causes, effects
}

// has reports whether a requirement is the finding's, or follows from it.
func (f Finding) has(id requirement.ID) bool {
	return f.Requirement == id || slices.ContainsFunc(f.Follows, func(v oracle.Verdict) bool { return v.Requirement == id })
}

// underSlip lists the one loss of which nothing is known but that the client gave up
// under the should that it broke before, if that is a loss, too: no must forbids what it
// did, and the rest came of it.
func (r *Result) underSlip(list []Finding) []Finding {
	if len(list) != 1 || !list[0].vague() || list[0].Level != requirement.Must {
		return list
	}
	for _, v := range r.broken(requirement.Should) {
		if slices.Contains(losses, v.Requirement) && !slices.Contains(generic, v.Requirement) && len(v.Exchanges) > 0 {
			return []Finding{{v, []oracle.Verdict{list[0].Verdict}}}
		}
	}
	return list
}

// vague reports whether a finding speaks of no exchange, and names no cause.
func (f Finding) vague() bool {
	return slices.Contains(generic, f.Requirement) && len(f.Exchanges)+len(f.Follows) == 0
}

// causes are the requirements whose breach loses a session, or what is said in it:
// what the user loses from there on follows from that. Of one exchange the first
// of them counts.
var causes = []requirement.ID{
	"route.proxy-port", "route.credentials", "open.begins", "open.dispatch-host", "open.switchboard", "exchange.final-answer", "exchange.one-in-flight", "session-id.newest", "gateway-ip.followed", "command.no-png", "profile.accepted",
	"close.reopens-once",
}

// causesFirst orders two failures by the same exchange.
func causesFirst(a, b oracle.Verdict) int {
	place := func(v oracle.Verdict) int {
		if i := slices.Index(causes, v.Requirement); i >= 0 {
			return i
		}
		return len(causes)
	}
	return cmp.Compare(place(a), place(b))
}

// caused lists losses under the first finding that is a cause, unless they came
// before it.
func caused(list []Finding) []Finding {
	first := -1
	for i, f := range list {
		if slices.Contains(causes, f.Requirement) && (first < 0 || earliest(f.Verdict) < earliest(list[first].Verdict)) {
			first = i
		}
	}
	if first < 0 {
		return list
	}
	cause, apart := list[first], []Finding{}
	for i, f := range list {
		switch {
		case i == first:
		case slices.Contains(losses, f.Requirement) && (len(f.Exchanges) == 0 || earliest(f.Verdict) >= earliest(cause.Verdict)):
			cause.Follows = append(append(cause.Follows, f.Verdict), f.Follows...)
		default:
			apart = append(apart, f)
		}
	}
	return append([]Finding{cause}, apart...)
}

// follow lists a generic failure that speaks of no exchange under the heaviest
// finding that names a cause.
func follow(list []Finding) []Finding {
	cause := slices.IndexFunc(list, func(f Finding) bool { return !f.vague() })
	if cause < 0 {
		return list
	}
	var named []Finding
	for _, f := range list {
		if f.vague() {
			list[cause].Follows = append(list[cause].Follows, f.Verdict)
		}
	}
	for _, f := range list {
		if !f.vague() {
			named = append(named, f)
		}
	}
	return named
}

// Failures are the requirements of the findings, in their order.
func (r *Result) Failures() []oracle.Verdict {
	var list []oracle.Verdict
	for _, f := range r.Findings() {
		list = append(append(list, f.Verdict), f.Follows...)
	}
	return list
}

// broken are the verdicts of that level that failed here, and not in a simpler
// world already.
func (r *Result) broken(level requirement.Level) []oracle.Verdict {
	return slices.DeleteFunc(slices.Clone(r.Verdicts), func(v oracle.Verdict) bool {
		return v.Status != oracle.Fail || v.Level != level || v.Since != ""
	})
}

// grouped puts failures together that speak of the same exchanges, directly or by
// way of others.
func grouped(failures []oracle.Verdict) (groups [][]oracle.Verdict) {
	for _, v := range failures {
		group := []oracle.Verdict{v}
		var apart [][]oracle.Verdict
		for _, g := range groups {
			if slices.ContainsFunc(g, func(o oracle.Verdict) bool { return share(o.Exchanges, v.Exchanges) }) {
				group = append(slices.Clone(g), group...)
			} else {
				apart = append(apart, g)
			}
		}
		groups = append(apart, group)
	}
	return groups
}

// share reports whether an exchange is in both lists.
func share(a, b []int) bool {
	return slices.ContainsFunc(a, func(n int) bool { return slices.Contains(b, n) })
}

// earliest is the first exchange of which a verdict speaks.
func earliest(v oracle.Verdict) int {
	if len(v.Exchanges) == 0 {
		return 0
	}
	return slices.Min(v.Exchanges)
}

// begun is where in its exchanges a verdict begins: a loss where it came about,
// which is the last of them.
func begun(v oracle.Verdict) int {
	if slices.Contains(losses, v.Requirement) && len(v.Exchanges) > 0 {
		return slices.Max(v.Exchanges)
	}
	return earliest(v)
}

// weight is the place among the losses of the heaviest that belongs to f.
func (f Finding) weight() int {
	least := len(losses)
	for _, v := range append([]oracle.Verdict{f.Verdict}, f.Follows...) {
		if i := slices.Index(losses, v.Requirement); i >= 0 {
			least = min(least, i)
		}
	}
	return least
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
