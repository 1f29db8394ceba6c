package certify

import (
	"context"

	"gauntlet/harness/report"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// Visit is a certification whose client somebody uses by hand, a case after the
// other. It has no simpler worlds: nobody wants to do everything twice.
type Visit struct {
	library  *Library
	client   string
	dir      report.RunDir
	outcomes []rig.Outcome
}

// Attendable reports whether a case can be run with a client that somebody sets to
// a proxy.
func (l *Library) Attendable(c catalogue.Case) bool {
	return len(c.Chain) > 0 && rig.Inexpressible(c, rig.Options{Speaks: l.speaks, Mode: rig.Attached}) == ""
}

// NewVisit makes its run directory; a new one below out/ if it has no name.
func NewVisit(l *Library, client, out string) (*Visit, error) {
	dir, err := NewDir(out)
	return &Visit{library: l, client: client, dir: dir}, err
}

// Judge runs a case and stores it. What else a run needs, the options say; the
// mode, the client's name and the seed are the visit's.
func (v *Visit) Judge(ctx context.Context, c catalogue.Case, o rig.Options) (rig.Outcome, error) {
	o.Speaks, o.Mode, o.ClientName, o.Seed = v.library.speaks, rig.Attached, v.client, uint64(len(v.outcomes)+1)
	outcome := rig.One(ctx, c, o)
	v.outcomes = append(v.outcomes, outcome)
	return outcome, v.dir.Add(outcome)
}

// End stores what the visit came to.
func (v *Visit) End() (Result, error) {
	defer v.dir.Release()
	c := report.Conclude(resultsOf(v.outcomes))
	err := v.dir.Finish(report.Summary{Client: v.client, Mode: rig.Attached, Exit: c.Code, Counts: report.Counts(v.outcomes), Cases: ids(v.outcomes)})
	return Result{Client: v.client, Dir: v.dir.Path, Cases: v.outcomes, Exit: c.Code, Why: c.Why}, err
}
