package harness

import (
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/report/redact"
	"gauntlet/harness/run/rig"
)

// Finding is what an outcome means to a test.
type Finding struct {
	Failed  bool   // the test has to fail
	Skipped bool   // it says nothing about the client
	Text    string // for people
}

// Explain tells what an outcome means, and why. A known failure is none, and a
// case that is listed as one and passes is.
func (p *Plan) Explain(o rig.Outcome) Finding {
	r := o.Result
	if line := p.options.Known.Outlived(r); line != "" {
		return Finding{Failed: true, Text: line}
	}
	switch {
	case r.Known != "":
		return Finding{Text: "known: " + r.Known}
	case r.Status == oracle.Pass:
		return Finding{Text: report.Remark(r)}
	case r.Status == oracle.NotApplicable, r.Status == oracle.Unsupported:
		return Finding{Skipped: true, Text: r.Reason}
	}
	var text strings.Builder
	report.Terminal{Out: &text}.Problems([]rig.Outcome{masked(o)})
	return Finding{Failed: true, Text: strings.Trim(text.String(), "\n") + p.hint(o)}
}

// Entry is what a report of tests says of an outcome, in any framework; for
// Ginkgo, AddReportEntry takes it.
func (p *Plan) Entry(o rig.Outcome) report.Entry { return report.NewEntry(masked(o)) }

// masked is the outcome without its secrets; of one that cannot be read nothing
// is told but that.
func masked(o rig.Outcome) rig.Outcome {
	shown, err := redact.Outcome(o, redact.Options{})
	if err != nil {
		shown.Case, shown.Result = o.Case, rig.Result{ID: o.Result.ID, Title: o.Result.Title, Status: oracle.Broken, Reason: err.Error()}
	}
	return shown
}

// hint is for a client that was meant for virtual time and does not use the
// network that it was given.
func (p *Plan) hint(o rig.Outcome) string {
	if p.Concurrent() || len(o.Events) == 0 || o.Result.Status == oracle.Broken {
		return ""
	}
	for _, e := range o.Events {
		if e.Kind == history.Dialled {
			return ""
		}
	}
	return "\n  hint       nothing was dialled through Setup.Network; a client with sockets of its own needs Mode: rig.Loopback"
}
