// Package oracle judges a history: each oracle is a pure function from what
// happened, as the trace has it, to a verdict on one requirement. A file holds
// the oracles of one subject. They know sessions, tokens, polls and commands, and
// the requirements; what belongs to one protocol alone is judged beside it, by
// oracles that are added to these. None knows how the run was made.
package oracle

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/requirement"
)

// Status is the outcome of a judgement. The zero value is Inconclusive.
type Status int

// Every judgement ends in one of these.
const (
	Inconclusive Status = iota
	Pass
	Fail
	Blocked
	Unsupported
	NotApplicable
	Broken
)

var statuses = [...]struct{ name, means string }{
	Inconclusive:  {"Inconclusive", "the evidence does not suffice: what it is about did not come to pass, or time was short; its reason says what is missing"},
	Pass:          {"Pass", "it was looked at, and it holds"},
	Fail:          {"Fail", "it was looked at, and the client broke it"},
	Blocked:       {"Blocked", "it failed in a simpler world already, where it counts, or nobody gets through here: the reference client does not either"},
	Unsupported:   {"Unsupported", "the client says that it cannot do what the case asks for"},
	NotApplicable: {"NotApplicable", "this mode or this box cannot express the case, or it is about nothing that this kind of client does"},
	Broken:        {"Broken", "our own fault: the harness could not do its part; nothing is said of the client"},
}

// Statuses are all of them.
func Statuses() (all []Status) {
	for s := range statuses {
		all = append(all, Status(s))
	}
	return all
}

// Means says what the status says of a client, in words.
func (s Status) Means() string { return statuses[s].means }

// String is the status's name.
func (s Status) String() string {
	if s < 0 || int(s) >= len(statuses) {
		return fmt.Sprintf("Status(%d)", int(s))
	}
	return statuses[s].name
}

// MarshalText writes the status's name.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a status's name.
func (s *Status) UnmarshalText(text []byte) error {
	for i, is := range statuses {
		if is.name == string(text) {
			*s = Status(i)
			return nil
		}
	}
	return fmt.Errorf("unknown status %q", text)
}

// Verdict is the judgement on one requirement in one case.
type Verdict struct {
	Requirement requirement.ID    `json:"requirement"`
	Level       requirement.Level `json:"level"`
	Status      Status            `json:"status"`
	Checked     int               `json:"checked"` // relevant observations; 0 is never Pass
	Reason      string            `json:"reason,omitempty"`
	Exchanges   []int             `json:"exchanges,omitempty"` // at hop 0, what the reason speaks of
	Since       string            `json:"since,omitempty"`     // the simpler world in which it failed already; empty: it is told here
	ComesOf     requirement.ID    `json:"comes_of,omitempty"`  // it failed because this did; empty if no such cause is known

	Margin time.Duration `json:"-"` // how late the machine may have been for a failure to stand; 0: what is usual for the requirement
}

// Assessment is what an oracle says of one run; the registry adds the rest.
type Assessment struct {
	checked   int
	failed    bool
	slipped   bool // failed, by a number of ours alone: a should
	reason    string
	unfit     string // why this client cannot be judged
	excused   bool   // something was wrong for which the client is not to blame
	exchanges []int
	comesOf   requirement.ID // whose breach is why it failed
	moot      bool           // it asks nothing of any client in such a world: no verdict
	margin    time.Duration  // by which the failure passes the limit
}

// Moot is an assessment of what is asked of nobody, unless something comes of it.
func Moot() Assessment { return Assessment{moot: true} }

// OK is one more observation that was as it should be.
func (f *Assessment) OK() { f.checked++ }

// Fail notes what was wrong. The first failure is the verdict, unless it comes of
// another defect: later ones are often its consequences.
func (f *Assessment) Fail(exchanges []int, format string, args ...any) {
	f.checked++
	if f.failed && !f.slipped && f.comesOf == "" {
		return
	}
	f.failed, f.slipped, f.exchanges, f.reason, f.comesOf = true, false, exchanges, fmt.Sprintf(format, args...), ""
}

// failAnyhow notes what was wrong and rests on no time: unless something else was wrong
// before it stands however late the machine was.
func (f *Assessment) failAnyhow(format string, args ...any) {
	if !f.failed || f.slipped {
		f.Within(math.MaxInt64)
	}
	f.Fail(nil, format, args...)
}

// because says whose breach it is that a failure comes of which was noted just now, if it
// does.
func (f *Assessment) because(cause requirement.ID, does bool) {
	if does {
		f.comesOf = cause
	}
}

// Within is how late the machine may have been for a failure to stand.
func (f *Assessment) Within(margin time.Duration) { f.margin = max(f.margin, margin) }

// Slip notes what no source forbids and a number of ours does: it is a should.
func (f *Assessment) Slip(exchanges []int, format string, args ...any) {
	if f.failed {
		f.checked++
		return
	}
	f.Fail(exchanges, format, args...)
	f.slipped = true
}

// okIf counts an observation that was as it should be, if it was.
func (f *Assessment) okIf(right bool) {
	if right {
		f.OK()
	}
}

// Missing says why nothing could be checked, unless something was.
func (f *Assessment) Missing(format string, args ...any) {
	if f.reason == "" {
		f.reason = fmt.Sprintf(format, args...)
	}
}

// Excuse takes a failure back for which the client is not to blame.
func (f *Assessment) Excuse(format string, args ...any) {
	if f.failed {
		f.failed, f.excused, f.comesOf, f.reason = false, true, "", f.reason+"; "+fmt.Sprintf(format, args...)
	}
}

// Verdict is what the assessment comes to for a requirement.
func (f *Assessment) Verdict(r requirement.Requirement) Verdict {
	v := Verdict{Requirement: r.ID, Level: r.Level, Checked: f.checked, Reason: f.reason, Exchanges: f.exchanges, Margin: f.margin}
	v.Exchanges = slices.DeleteFunc(slices.Clone(v.Exchanges), func(ordinal int) bool { return ordinal == 0 }) // dials, and what never came whole
	if f.failed && f.slipped && v.Level == requirement.Must {
		v.Level = requirement.Should
	}
	switch {
	case f.unfit != "":
		v.Status, v.Reason = NotApplicable, f.unfit
	case f.failed && r.Standing == requirement.Disputed:
		v.Status, v.Reason = Inconclusive, "disputed requirement: "+f.reason
	case f.failed:
		v.Status, v.ComesOf = Fail, f.comesOf
	case f.excused:
		v.Checked = 0
	case f.checked > 0:
		v.Status, v.Reason = Pass, ""
	default:
		if v.Reason == "" {
			v.Reason = "nothing to check happened"
		}
	}
	return v
}

// Clock prints a time of the run for a reason.
func Clock(d time.Duration) string { return fmt.Sprintf("%.3fs", d.Seconds()) }

// Texts prints a list of messages for a reason.
func Texts(list []string) string {
	quoted := make([]string, len(list))
	for i, t := range list {
		quoted[i] = fmt.Sprintf("%q", t)
	}
	if len(quoted) > 5 {
		quoted = append(slices.Clone(quoted[:5]), fmt.Sprintf("and %d more", len(list)-5))
	}
	return strings.Join(quoted, ", ")
}
