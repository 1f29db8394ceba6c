package certify

import (
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/report/redact"
	"gauntlet/harness/run/edition"
	"gauntlet/harness/run/rig"
)

// Rejudgement is a stored run as it is judged today. Nothing secret is in it.
type Rejudgement struct {
	Cases    []rig.Outcome
	Controls []rig.Outcome     // in which the client broke a must
	Changed  []report.Rejudged // the cases that came out otherwise
	Stale    []string          // known failures that do not hold
	Exit     int
	Why      string
}

// Rejudge judges the histories of a run directory again, by what was known and
// asked when it was recorded. It changes nothing there. Histories of more bytes than
// longest are not read; 0 is report.LongestHistory.
func Rejudge(l *Library, dir string, longest int64) (r Rejudgement, err error) {
	editions, err := l.Editions()
	if err != nil {
		return r, err
	}
	run, err := report.RejudgeRun(dir, l.Vocabulary(), longest, edition.Froze(editions))
	if err != nil {
		return r, err
	}
	w := writer{}
	for _, one := range run.Cases {
		if one.Now, err = w.masked(one.Now); err != nil {
			return r, err
		}
		if one.Changed() {
			r.Changed = append(r.Changed, one)
		}
		r.Cases = append(r.Cases, one.Now)
	}
	for _, o := range run.Controls {
		if o.Result.Accuses() || o.Result.Status == oracle.Broken {
			if o, err = redact.Outcome(o, w.Redact); err != nil {
				return r, err
			}
			r.Controls = append(r.Controls, o)
		}
	}
	return r, r.conclude(dir)
}

// conclude sums up what was judged.
func (r *Rejudgement) conclude(dir string) (err error) {
	results, controls := resultsOf(r.Cases), resultsOf(r.Controls)
	if r.Stale, err = report.StaleOf(dir, append(controls, results...)); err != nil {
		return err
	}
	c := report.Conclude(results, controls...).With(r.Stale)
	r.Exit, r.Why = c.Code, c.Why
	return nil
}
