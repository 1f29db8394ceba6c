package certify

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/report/certificate"
	"gauntlet/harness/report/html"
	"gauntlet/harness/run/queue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
)

// Run certifies the clients, one after the other. Its error is a call that was
// wrong, or what is broken on our side; what the clients' runs came to is in the
// results, and Gravest sums that up.
func Run(ctx context.Context, o Options) ([]Result, error) {
	if len(o.Clients) > 1 && o.Out == "" {
		o.Out = newOut()
	}
	q, err := openQueue(ctx, o)
	if err != nil {
		return nil, err
	}
	if q != nil {
		defer q.Close()
	}
	if o.Crews == nil {
		o.Crews = virtual.KeepCrews(ctx)
		defer o.Crews.Close()
	}
	if len(o.Clients) == 1 {
		one, err := o.turn(o.client()).certify(ctx, q)
		return []Result{one}, err
	}
	var t together
	for _, c := range o.Clients {
		turn := o.turn(c).apart(report.FileName(c.Name))
		if o.Watch.Turn != nil {
			o.Watch.Turn(c.Name)
		}
		one, err := turn.certify(ctx, q)
		t.add(turn, one)
		if err != nil {
			return t.results, errors.Join(err, t.page(o))
		}
	}
	return t.results, t.page(o)
}

// apart are the options for one of several clients, with places of its own. Of
// all of them together there is one page.
func (o Options) apart(name string) Options {
	o.Out, o.Reports = filepath.Join(o.Out, name), o.Reports.apart(name)
	o.Certificate.File = withName(o.Certificate.File, name)
	return o
}

// together are several clients that went through the same.
type together struct {
	results []Result
	runs    []html.Run
}

// add takes one that has had its turn, unless it ended before it began.
func (t *together) add(o Options, r Result) {
	if r.Dir == "" {
		return
	}
	t.results = append(t.results, r)
	t.runs = append(t.runs, o.Reports.shown(o.summary(r), r.Dir, r.Cases))
}

// page puts them side by side, if that was asked for.
func (t *together) page(o Options) error {
	if !o.Reports.HTML || len(t.runs) == 0 {
		return nil
	}
	path, err := WritePage(o.Reports.PageIn(o.Out, PageName), html.Page{Runs: t.runs, Secrets: o.Reports.Redact})
	for i := range t.results {
		t.results[i].Page = path
	}
	return err
}

// gravity orders the exit codes of several clients: what is broken hides
// everything, and what was not concluded only a pass.
var gravity = []int{report.Sound, report.Unproved, report.Failed, report.Unusable}

// Gravest is the exit code of several clients' results.
func Gravest(results []Result) int {
	code := report.Sound
	for _, r := range results {
		if slices.Index(gravity, r.Exit) > slices.Index(gravity, code) {
			code = r.Exit
		}
	}
	return code
}

// certify is one client's turn, on a queue if there is one.
func (o Options) certify(ctx context.Context, q *queue.Queue) (Result, error) {
	r, err := o.prepared()
	if err != nil {
		return Result{}, err
	}
	finished, err := r.begin()
	defer func() { r.dir.Release() }()
	if err != nil {
		return Result{}, err
	}
	if err := r.introduce(ctx); err != nil {
		return Result{}, err
	}
	end, err := shareOn(ctx, r, q)
	if err != nil {
		return Result{}, err
	}
	if o.Watch.Began != nil {
		o.Watch.Began(len(r.cases), r.longest())
	}
	suite := rig.Suite{
		Run: rig.Continued(r.o.performer(r.with), finished), Again: r.o.again(r.with), Reference: r.reference(), Ahead: true, Runs: r.possible,
		ConcurrentControls: o.Mode != rig.Virtual, Strict: o.Strict, Done: r.done,
	}
	err = suite.Certify(ctx, r.cases)
	if ended := end(err == nil && r.unstored == nil); err == nil {
		err = ended
	}
	return r.finish(err, ctx.Err())
}

// longest is how long the longest case takes in real time.
func (r *run) longest() (longest time.Duration) {
	for _, c := range r.cases {
		if r.o.Mode != rig.Virtual && r.possible(c) {
			longest = max(longest, rig.Expected(c))
		}
	}
	return longest
}

// prepared is the run, before it has a directory.
func (o Options) prepared() (*run, error) {
	r := &run{writer: writer{Reports: o.Reports}}
	var err error
	if r.Job, err = Prepare(o); err != nil {
		return nil, err
	}
	if r.edition, err = o.Library.Newest(); err != nil {
		return nil, err
	}
	places := r.prepare(o.Out)
	r.signer, err = r.ready()
	r.with = r.o.rig(r.box)
	return r, errors.Join(places, err)
}

// run is a certification under way: what a Job comes to.
type run struct {
	*Job
	writer
	dir      report.RunDir
	with     rig.Options // with what the self-check has found out
	signer   *certificate.Key
	leaning  map[string]string // controls, and a case that leans on each
	outcomes []rig.Outcome
	controls []rig.Outcome // those in which the client broke a must
	unstored error         // the first: what fails once fails for each case
}

// begin makes the run directory, or opens the one to go on in, and returns what
// was finished there.
func (r *run) begin() (finished map[string]rig.Earlier, err error) {
	if r.o.Resume != "" {
		return r.reopen()
	}
	if r.dir, err = NewDir(r.o.Out); err == nil {
		err = r.dir.Begin(r.plan())
	}
	return nil, err
}

// NewDir makes a run directory; a new one below out/ if it has no name.
func NewDir(name string) (report.RunDir, error) {
	if name == "" {
		name = newOut()
	}
	return report.NewRunDir(name)
}

func (r *run) reopen() (map[string]rig.Earlier, error) {
	dir := r.o.Resume
	p, err := report.ReadPlan(dir)
	if err != nil {
		return nil, err
	}
	if other := p.Differs(r.plan()); other != "" {
		return nil, fmt.Errorf("cannot go on with %s: %s; begin a new run", dir, other)
	}
	if r.dir, err = report.ReopenRunDir(dir); err != nil {
		return nil, err
	}
	return report.Finished(dir)
}

// reference runs cases with the reference client in the same world. In virtual
// time the catalogue needs none: that it can be passed is known.
func (r *run) reference() rig.Runner {
	with, asked := r.o.reference(r.with)
	if !asked || r.o.Mode == rig.Virtual && r.o.File == "" {
		return nil
	}
	return r.o.performer(with)
}

// done takes an outcome that is final: it is marked, stored, written and shown.
func (r *run) done(o rig.Outcome) {
	if r.o.Reproduce != nil {
		o.Result.Reproduce = r.o.Reproduce(r.o, r.standingFor(o))
	}
	if r.o.Strict && !o.Control {
		o.Result.CountShoulds()
	}
	r.mark(&o.Result)
	r.record(o)
}

// record stores an outcome, writes what is written of it alone, and shows it.
func (r *run) record(o rig.Outcome) {
	if r.dir.Path != "" {
		r.keep(r.dir.Add(o))
	}
	shown, err := r.add(o)
	r.keep(err)
	if r.o.Watch.Judged != nil {
		r.o.Watch.Judged(shown)
	}
	if !o.Control {
		r.outcomes = append(r.outcomes, stored(shown))
	} else if shown.Result.Accuses() {
		r.controls = append(r.controls, shown)
	}
}

// stored is the outcome without a history that is of no more use: what passed is
// mostly not looked at again, and together they are much. It lies in the run
// directory.
func stored(o rig.Outcome) rig.Outcome {
	if o.Result.Status == oracle.Pass {
		o.Events, o.Stored = nil, nil
	}
	return o
}

// ready waits before the case before which somebody wants to; nil if nobody does.
func (o Options) ready() func(ctx context.Context, id string, pid int) error {
	if o.PauseBefore == "" || o.Pause == nil {
		return nil
	}
	return func(ctx context.Context, id string, pid int) error {
		if id != o.PauseBefore {
			return nil
		}
		return o.Pause(ctx, pid)
	}
}

// keep keeps the first error of what is written.
func (r *run) keep(err error) {
	if r.unstored == nil {
		r.unstored = err
	}
}

// standingFor is the case by which the outcome can be had again: a control has
// no name of its own and is run along with those that lean on it.
func (r *run) standingFor(o rig.Outcome) string {
	if !o.Control {
		return o.Case.ID
	}
	if r.leaning == nil {
		r.leaning = map[string]string{}
		for _, wanted := range r.cases {
			for _, control := range rig.ControlsOf(wanted) {
				r.leaning[control.Case.ID] = wanted.ID
			}
		}
	}
	return r.leaning[o.Case.ID]
}

// finish writes what the run came to. Its error is ended, or else what could not
// be written; the result is shown in any case. over is why its context ended, if it did:
// a queue may have run out of time by itself.
func (r *run) finish(ended, over error) (Result, error) {
	result := r.conclude()
	if ended != nil || r.unstored != nil {
		result.Exit, result.Why = report.Unusable, "the run did not come to its end"
		result.Cut = ended != nil && errors.Is(over, context.Canceled)
	}
	summary := r.o.summary(result)
	if r.dir.Path != "" {
		r.keep(r.dir.Finish(summary))
	}
	r.keep(r.writer.finish(summary))
	if ended == nil && r.unstored == nil {
		r.keep(r.certificate(summary))
	}
	var err error
	result.Page, err = r.page(summary, r.dir.Path, r.outcomes)
	r.keep(err)
	if r.o.Watch.Ended != nil {
		r.keep(r.o.Watch.Ended(result))
	}
	switch {
	case ended != nil && errors.Is(over, context.DeadlineExceeded):
		ended = fmt.Errorf("the time was over after %d of %d cases; what was finished is in %s, and --resume goes on with it", len(r.outcomes), len(r.cases), r.dir.Path)
	case ended != nil && errors.Is(over, context.Canceled):
		ended = fmt.Errorf("interrupted after %d of %d cases; what was finished is in %s, and --resume goes on with it", len(r.outcomes), len(r.cases), r.dir.Path)
	case ended == nil:
		ended = r.unstored
	}
	return result, ended
}

// conclude sums up what was judged.
func (r *run) conclude() Result {
	results, controls := resultsOf(r.outcomes), resultsOf(r.controls)
	stale := r.known.Stale(append(controls, results...))
	c := report.Conclude(results, controls...).With(stale)
	standings, err := r.edition.Standings(report.Ended(r.outcomes, r.controls))
	r.keep(err)
	return Result{
		Client: r.o.client().Name, Kind: r.o.client().kind, Dir: r.dir.Path, Planned: len(r.cases), Cases: r.outcomes, Controls: r.controls,
		Since: report.SinceSimpler(slices.Concat(r.outcomes, r.controls)), Stale: stale,
		Edition: r.edition.Name, Levels: standings, Exit: c.Code, Why: c.Why, By: r.o.share.performed(),
	}
}

// summary is what the run directory says of the run as a whole.
func (o Options) summary(of Result) report.Summary {
	return report.Summary{
		Edition: of.Edition, Levels: of.Levels, Client: of.Client, Mode: o.Mode, Seed: o.Seed, Product: o.Box,
		Exit: of.Exit, Counts: report.Counts(of.Cases), Cases: ids(of.Cases),
	}
}

func resultsOf(outcomes []rig.Outcome) []rig.Result {
	list := make([]rig.Result, len(outcomes))
	for i, o := range outcomes {
		list[i] = o.Result
	}
	return list
}

func ids(outcomes []rig.Outcome) []string {
	list := make([]string, len(outcomes))
	for i, o := range outcomes {
		list[i] = o.Case.ID
	}
	return list
}

// newOut is a new directory for a run.
func newOut() string { return filepath.Join("out", time.Now().Format("2006-01-02T15-04-05.000")) }
