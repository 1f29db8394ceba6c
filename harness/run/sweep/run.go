package sweep

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/fault"
)

// Options says what is swept, by whom, and for how long. Judge must be set.
type Options struct {
	// Judge runs cases, in any order, and compares each with simpler worlds before
	// it tells of it. It is called with one batch after the other.
	Judge rig.Runner
	// Possible reports whether a case can be run at all; nil: each can.
	Possible func(catalogue.Case) bool
	Batch    int           // points at a time; 0: 64 at first, then twice as many each time, up to 256; 256 from the first where runs wait
	For      time.Duration // begin nothing more after that; 0: until all are done
	// Waits says that runs mostly wait, so that one batch of all keeps more of them
	// going; when the time is over, what is under way is given up.
	Waits bool
	First bool // end with the first failure
	Watch func(Progress)
	// Excuse says why a failure is none of the client's; nil, or empty: it is.
	Excuse func(Point, Cause, *rig.Result) string
	// Note hears what became of each point that was run, in one goroutine at a time.
	Note func(Entry) error
	// Known is what an earlier part of the same sweep noted of a point; nil: there was
	// none. Such a point is not run again, but for one that failed, whose history is
	// wanted.
	Known map[string]Entry
}

// Progress is how far a sweep has come.
type Progress struct {
	Runs, Passed, Failed int
	Excused              int // failed where nobody could do better
	Unreached            int // a fault never fired
	Open                 int // not concluded, or nobody gets through
	Causes               int // so far
	Known                int // not run, for they were before
	Impossible           int // not run, nor counted among the runs, for they cannot be here
	Took                 time.Duration
}

// Rate is how many points are done in a second.
func (p Progress) Rate() float64 { return float64(p.Runs-p.Known) / max(p.Took.Seconds(), 0.001) }

// Result is what a sweep came to.
type Result struct {
	Progress
	Groups   []Group
	Excuses  map[string]int // how many failures each excuses
	Doubts   map[string]int // how many points each keeps open
	Coverage Coverage
	Cut      bool // by the time that there was, or by a failure
}

// A full batch is so many points that workers seldom wait for the last of it, and few
// enough for their histories to lie in memory. The first ones are small: what fails
// early is told early, and ends a sweep that ends with it.
const (
	firstBatch = 64
	fullBatch  = 256
)

// begins returns how many points the first batch has, and whether the others grow.
func (o Options) begins() (batch int, grows bool) {
	switch {
	case o.Waits && !o.First:
		return math.MaxInt, false
	case o.Batch > 0:
		return o.Batch, false
	case o.Waits:
		return fullBatch, false
	}
	return firstBatch, true
}

// Run runs the points. Its error is of the context, or of who judges.
func Run(ctx context.Context, points iter.Seq[Point], o Options) (Result, error) {
	r := &running{Options: o, began: time.Now(), groups: groups{}, excuses: map[string]int{}, doubts: map[string]int{}, coverage: Coverage{}, alone: map[string]single{}}
	r.size, r.grows = o.begins()
	whole := ctx
	if r.Waits && r.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.For)
		defer cancel()
	}
	var err error
	for p := range points {
		if o.Possible != nil && !o.Possible(p.Case()) {
			r.Impossible++
			continue
		}
		if e, known := r.Options.Known[p.Name()]; known && e.As != Failed {
			r.count(p, e)
			r.Progress.Known++
			continue
		}
		if r.batch = append(r.batch, p); len(r.batch) < r.size {
			continue
		}
		if err = r.flush(ctx); err != nil || r.over() {
			break
		}
	}
	if err == nil && !r.over() {
		err = r.flush(ctx)
	}
	r.Took = time.Since(r.began)
	if errors.Is(err, context.DeadlineExceeded) && whole.Err() == nil {
		err = nil // that was all the time there was
	}
	return Result{r.Progress, r.groups.sorted(), r.excuses, r.doubts, r.coverage, r.over()}, err
}

// running is a sweep under way.
type running struct {
	Options
	Progress
	began    time.Time
	batch    []Point
	size     int  // that it is to have
	grows    bool // the next is to be larger, up to a full one
	groups   groups
	excuses  map[string]int
	doubts   map[string]int
	coverage Coverage
	mixed    []mixed           // failures that have to be explained
	alone    map[string]single // faults that are part of others
	err      error
}

// over reports whether nothing more is to begin.
func (r *running) over() bool {
	return r.First && r.Failed > 0 || r.For > 0 && time.Since(r.began) >= r.For
}

// flush has the batch judged.
func (r *running) flush(ctx context.Context) error {
	points := map[string]Point{}
	var cases []catalogue.Case
	for _, p := range r.batch {
		c := p.Case()
		if _, twice := points[c.ID]; !twice {
			points[c.ID] = p
			cases = append(cases, c)
		}
	}
	r.batch = r.batch[:0]
	if r.grows {
		r.size = min(2*r.size, fullBatch)
	}
	if len(cases) == 0 {
		return ctx.Err()
	}
	err := r.Judge(ctx, cases, func(o rig.Outcome) {
		switch p, asked := points[o.Case.ID]; {
		case !asked || o.Control:
		case ctx.Err() != nil: // nobody had the time to ask whether anybody could
			r.Runs++
			r.Open++
		default:
			r.take(p, o)
		}
	})
	if err == nil {
		err = r.explain(ctx)
	}
	if err == nil {
		err = r.err
	}
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	return nil
}

// take takes an outcome as final, or, if several faults may share the blame, puts it off.
func (r *running) take(p Point, o rig.Outcome) {
	e := r.became(p, &o.Result)
	if e.As == Failed && len(p.Faults) > 1 {
		r.mixed = append(r.mixed, mixed{p, o, e})
		return
	}
	r.settle(p, o, e)
}

// settle notes what became of a point, and counts it.
func (r *running) settle(p Point, o rig.Outcome, e Entry) {
	r.count(p, e)
	if e.As == Failed {
		r.groups.add(*e.Cause, p, o)
	}
	if r.Note != nil && r.err == nil {
		r.err = r.Note(e)
	}
	r.Causes, r.Took = len(r.groups), time.Since(r.began)
	if r.Watch != nil {
		r.Watch(r.Progress)
	}
}

// became is what an outcome comes to, and why it is a failure if it is one.
func (r *running) became(p Point, result *rig.Result) Entry {
	e := Entry{Point: p.Name(), As: Open}
	cause, failed := causeOf(p, result)
	if failed && r.Excuse != nil {
		e.Why = r.Excuse(p, cause, result)
	}
	switch {
	case e.Why != "":
		e.As, e.Cause = Excused, &cause
	case failed:
		e.As, e.Why, e.Cause = Failed, result.Reason, &cause
	case missed(p, result):
		e.Why = noneInTime
	case unreached(result):
		e.As = Unreached
	case passed(result):
		e.As = Passed
	}
	return e
}

// count counts what became of a point.
func (r *running) count(p Point, e Entry) {
	r.Runs++
	cell := r.coverage.cell(p)
	cell.Runs++
	switch e.As {
	case Excused:
		r.Excused++
		r.excuses[e.Why]++
		cell.Excused++
	case Failed:
		r.Failed++
		cell.Failed++
	case Unreached:
		r.Unreached++
		cell.Unreached++
	case Passed:
		r.Passed++
		cell.Passed++
	default:
		r.Open++
		if e.Why != "" {
			r.doubts[e.Why]++
		}
	}
}

// passed reports whether the user got what was asked for. That nothing was lost is
// no evidence that what is lost can be found again, and none is needed here.
func passed(r *rig.Result) bool {
	if r.Status == oracle.Pass {
		return true
	}
	return r.Status == oracle.Inconclusive && slices.ContainsFunc(r.Verdicts, func(v oracle.Verdict) bool {
		return v.Requirement == about[1] && v.Status == oracle.Pass
	})
}

// unreached reports whether some fault never fired.
func unreached(r *rig.Result) bool {
	return slices.ContainsFunc(r.Faults, func(f rig.FaultReport) bool { return f.Fired == 0 })
}

// noneInTime is why a point is open whose road was bad when nobody was on it. That time is
// counted from the beginning of the run, and on a machine that is late a client may
// take longer to begin.
const noneInTime = "no request came while the road was to be bad, for the client had not begun or had no more to ask"

// missed reports whether nothing came in the time in which all that comes is struck.
func missed(p Point, r *rig.Result) bool {
	for _, f := range p.Faults {
		text := f.String()
		all := f.Often.Until > 0 && f.Trigger.On == fault.Exchange && f.Trigger.Word == fault.AnyExchange && len(f.Trigger.Qualifiers) == 0
		if all && slices.ContainsFunc(r.Faults, func(report rig.FaultReport) bool { return report.Text == text && report.Fired == 0 }) {
			return true
		}
	}
	return false
}
