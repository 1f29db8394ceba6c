package certify

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"gauntlet/harness/report"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// performer performs one case with one client.
type performer func(ctx context.Context, c catalogue.Case, o rig.Options) rig.Outcome

// Door judges the cases of a Job one by one, as tests ask for them: in any order,
// each with the simpler worlds that nobody has asked for before. It is safe for
// concurrent use on real sockets.
type Door struct {
	job     *Job
	session *rig.Session
	quiet   sync.RWMutex  // held alone by what is run once more
	slots   chan struct{} // one is taken by each run

	mu       sync.Mutex
	controls map[string]rig.Outcome
	told     map[string]bool // what failed in simpler worlds, by requirement and world
	run      *run            // records what was judged; nil if nobody wants that
}

// Judged is what became of one case.
type Judged struct {
	rig.Outcome
	// Outlived says which known failure does not hold, as the case passes.
	Outlived string
	// Since are the musts that the client breaks in simpler worlds, which the case
	// is the first to stand on: each is told once.
	Since []report.Since
}

// NewDoor is a door to the job, whose known failures have to fit its cases. What
// was not asked for by name and cannot be run is left out: nobody would miss it.
func NewDoor(j *Job) (*Door, error) {
	if len(j.o.Cases) == 0 {
		j.cases = slices.DeleteFunc(slices.Clone(j.cases), func(c catalogue.Case) bool { return !j.possible(c) })
	}
	d := &Door{
		job: j, session: rig.NewSession(0), slots: make(chan struct{}, 1), // bubbles bear no company
		controls: map[string]rig.Outcome{}, told: map[string]bool{},
	}
	if d.Concurrent() {
		d.slots = make(chan struct{}, j.o.parallel())
	}
	return d, errors.Join(j.unfitting(), d.open())
}

// open makes the run directory, if one was asked for; reports can do without.
func (d *Door) open() error {
	o := d.job.o
	if o.Out == "" && !o.Reports.Asked() {
		return nil
	}
	r := &run{Job: d.job, writer: writer{Reports: o.Reports}}
	if err := r.prepare(o.Out); err != nil {
		return err
	}
	var err error
	if r.edition, err = o.Library.Newest(); err == nil && o.Out != "" {
		_, err = r.begin()
	}
	d.run = r
	return err
}

// Finish writes what was judged so far, as a run: what its directory says of it
// as a whole, and the reports.
func (d *Door) Finish() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.run == nil {
		return nil
	}
	_, err := d.run.finish(nil, nil)
	return err
}

// record stores what is final.
func (d *Door) record(o rig.Outcome) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.run != nil {
		d.run.record(o)
	}
}

// Concurrent reports whether cases may be judged at the same time: on real
// sockets they mostly wait. In virtual time they may not.
func (d *Door) Concurrent() bool { return d.job.o.Mode != rig.Virtual }

// Judge runs a case and the controls that it leans on, unless they were run
// before, and compares and confirms as Run does. The T is lent to bubbles of
// virtual time and is not failed; it is that of the test in whose goroutine Judge
// is called. Reproduce is the command for the case alone.
func (d *Door) Judge(t *testing.T, c catalogue.Case, reproduce string) Judged {
	perform := rig.One
	if !d.Concurrent() {
		perform = func(_ context.Context, c catalogue.Case, o rig.Options) rig.Outcome { return rig.InBubble(t, c, o) }
	}
	return d.judge(t.Context(), c, reproduce, perform)
}

func (d *Door) judge(ctx context.Context, c catalogue.Case, reproduce string, perform performer) Judged {
	var judged rig.Outcome
	with := d.job.o.rig(d.job.box)
	suite := rig.Suite{
		Run: d.runner(perform, with, d.share), Again: d.runner(perform, with, d.alone),
		Runs: d.job.possible, ConcurrentControls: d.Concurrent(), Done: func(o rig.Outcome) {
			o.Result.Reproduce = reproduce
			if o.Control {
				d.keep(o)
			} else {
				judged = o
			}
		},
	}
	if theirs, asked := d.job.o.reference(with); asked {
		suite.Reference = d.runner(perform, theirs, d.share)
	}
	if err := d.session.Certify(ctx, suite, []catalogue.Case{c}); err != nil && judged.Result.ID == "" {
		judged = rig.Outcome{Case: c, Result: rig.Result{ID: c.ID, Title: c.Title, Reason: err.Error()}}
	}
	if d.job.o.Strict {
		judged.Result.CountShoulds()
	}
	d.job.mark(&judged.Result)
	d.record(judged)
	return Judged{judged, d.job.known.Outlived(judged.Result), d.news(judged)}
}

// runner performs cases in the goroutine that asks for them, as enter lets them.
func (d *Door) runner(perform performer, o rig.Options, enter func() (leave func())) rig.Runner {
	return func(ctx context.Context, cases []catalogue.Case, done func(rig.Outcome)) error {
		for _, c := range cases {
			leave := enter()
			outcome := perform(ctx, c, o)
			leave()
			if ctx.Err() != nil {
				return ctx.Err() // cut short: it proves nothing
			}
			done(outcome)
		}
		return nil
	}
}

// share waits for a place among others.
func (d *Door) share() (leave func()) {
	d.slots <- struct{}{}
	d.quiet.RLock()
	return func() { d.quiet.RUnlock(); <-d.slots }
}

// alone waits until nothing else runs.
func (d *Door) alone() (leave func()) {
	d.quiet.Lock()
	return d.quiet.Unlock
}

// keep keeps a control for those who lean on it.
func (d *Door) keep(o rig.Outcome) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.job.mark(&o.Result)
	d.controls[o.Case.ID] = o
	if d.run != nil {
		d.run.record(o)
	}
}

// news are what fails in simpler worlds and was not told before.
func (d *Door) news(o rig.Outcome) []report.Since {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := []rig.Outcome{o}
	for _, k := range rig.ControlsOf(o.Case) {
		if control, there := d.controls[k.Case.ID]; there && control.Result.Accuses() {
			list = append(list, control)
		}
	}
	return slices.DeleteFunc(report.Unexpected(list), func(s report.Since) bool {
		name := s.String()
		told := d.told[name]
		d.told[name] = true
		return told
	})
}
