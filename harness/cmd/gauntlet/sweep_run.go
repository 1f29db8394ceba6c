package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/report/html"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/sweep"
)

// sweeping is a sweep under way, as it is shown.
type sweeping struct {
	*sweepFlags
	bench      *certify.Bench
	spaces     []sweep.Space
	out, aside io.Writer
	journal    *sweep.Journal
	found      []string // the cases in the run directory
	told       time.Time
	ends       time.Time // with --for: when examples are no longer made smaller
}

// possible are the worlds in which the client can run here. Of the others it is told what
// they lack; if there is none, that is an error.
func (s *sweeping) possible(worlds []sweep.World) (list []sweep.World, _ error) {
	var lacks []error
	for _, w := range worlds {
		p := sweep.Point{World: w}
		lack := s.bench.Lack(p.Case())
		if lack == "" {
			list = append(list, w)
			continue
		}
		lacks = append(lacks, fmt.Errorf("%s cannot be swept with %s, %s: %s", p.Name(), s.client, s.bench.Mode(), lack))
	}
	if len(list) == 0 {
		return nil, errors.Join(lacks...)
	}
	for _, lack := range lacks {
		fmt.Fprintf(s.aside, "left out: %v\n", lack)
	}
	return list, nil
}

// tell says how many points there are.
func (s *sweeping) tell(c sweep.Count) error {
	fmt.Fprintf(s.out, "%d points: %d classes, %d more that are alike, %d pairs, %d triples\n", c.Sum(), c.Classes, c.Rest, c.Pairs, c.Triples)
	for _, space := range s.spaces {
		here := s.Breadth
		here.Triples = 0 // which are drawn from all
		fmt.Fprintf(s.out, "  %s: %d\n", sweep.Point{World: space.World}.Name(), here.Count([]sweep.Space{space}).Sum())
	}
	return nil
}

// named runs the points that were named.
func (s *sweeping) named(ctx context.Context, words catalogue.Vocabulary) error {
	var list []sweep.Point
	for _, name := range s.points {
		p, err := sweep.Parse(name, words)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(q sweep.Point) bool { return q.Name() == p.Name() }) {
			list = append(list, p)
		}
	}
	return s.run(ctx, slices.Values(list), len(list))
}

// directory makes the run directory, or finds the one to go on in.
func (f *sweepFlags) directory() (_ report.RunDir, err error) {
	switch {
	case f.dir.Path != "":
	case f.resume == "":
		f.dir, err = certify.NewDir(f.out)
	default:
		f.dir, err = report.ReopenRunDir(f.resume)
	}
	return f.dir, err
}

// begin opens what the run directory has of before.
func (s *sweeping) begin() (err error) {
	if _, err = s.directory(); err == nil {
		s.journal, err = sweep.OpenJournal(filepath.Join(s.dir.Path, "points.jsonl"), s.bench.Of())
	}
	return err
}

// run has the points run, and shows what was found.
func (s *sweeping) run(ctx context.Context, points iter.Seq[sweep.Point], planned int) error {
	if err := s.begin(); err != nil {
		return err
	}
	result, err := sweep.Run(ctx, points, sweep.Options{
		Excuse: sweep.Excuse,
		Judge:  s.bench.Judge, Possible: s.bench.Possible, For: s.most, First: s.first, Waits: s.bench.Mode() != rig.Virtual,
		Watch: func(p sweep.Progress) { s.progress(p, planned) }, Note: s.journal.Note, Known: s.journal.Known,
	})
	stopped := errors.Is(err, context.Canceled)
	if stopped {
		err = nil // what was found until then is told
	}
	if err = errors.Join(err, s.journal.Close()); err != nil {
		return err
	}
	if err := s.conclude(ctx, result); err != nil {
		return err
	}
	if stopped || ctx.Err() != nil {
		return fmt.Errorf("interrupted after %d of %d points; what was finished is in %s, and --resume %s goes on with it", result.Runs, planned-result.Impossible, s.dir.Path, quoted(s.dir.Path))
	}
	fmt.Fprintf(s.out, "results and histories are in %s\n", s.dir.Path)
	if code := exitOf(result); code != report.Sound {
		return exit(code)
	}
	return nil
}

// conclude reports what became of the points, and stores it. Once the sweep is interrupted
// it makes no example smaller.
func (s *sweeping) conclude(ctx context.Context, result sweep.Result) error {
	fmt.Fprintf(s.out, "%s in %.0f s, %.1f a second: %d passed, %d failed, %d excused, %d never reached, %d not concluded\n",
		plural(result.Runs, "point"), result.Took.Seconds(), result.Rate(), result.Passed, result.Failed, result.Excused, result.Unreached, result.Open)
	if result.Impossible > 0 {
		fmt.Fprintf(s.out, "  not run, %s: they cannot be with this client, %s\n", plural(result.Impossible, "point"), s.bench.Mode())
	}
	for _, why := range report.ByNumber(result.Excuses) {
		fmt.Fprintf(s.out, "  excused, %s: %s\n", plural(result.Excuses[why], "point"), why)
	}
	for _, why := range report.ByNumber(result.Doubts) {
		fmt.Fprintf(s.out, "  not concluded, %s: %s\n", plural(result.Doubts[why], "point"), why)
	}
	s.ends = time.Now().Add(s.most / 2)
	for i, g := range result.Groups {
		if err := s.show(ctx, g, i < s.shrink && ctx.Err() == nil); err != nil {
			return err
		}
	}
	return s.store(result)
}

// tellEvery is how often a sweep says how far it is.
const tellEvery = 5 * time.Second

func (s *sweeping) progress(p sweep.Progress, planned int) {
	if time.Since(s.told) < tellEvery {
		return
	}
	s.told = time.Now()
	planned -= p.Impossible
	left := time.Duration(float64(planned-p.Runs)/max(p.Rate(), 0.1)) * time.Second
	fmt.Fprintf(s.aside, "%d of %d points, %.0f a second, %d failed for %s; about %s left\n", p.Runs, planned, p.Rate(), p.Failed, plural(p.Causes, "cause"), left)
}

// show tells of a group, makes its example smaller if that is wanted, and stores what
// came of it.
func (s *sweeping) show(ctx context.Context, g sweep.Group, smaller bool) error {
	fmt.Fprintf(s.out, "\n%s: %s\n", plural(g.Count, "point"), g.Cause)
	found, certain := sweep.Shrunk{Point: g.Example, Cause: g.Cause, Outcome: g.Outcome}, sweep.Certain{}
	if smaller && g.Cause.Since == "" {
		var err error
		if found, certain, err = s.smaller(ctx, found); err != nil {
			return err
		}
	}
	found.Outcome = certify.Masked(found.Outcome)
	id, text := sweep.CaseFile(found)
	file := filepath.Join(s.dir.Path, "found", id+".yaml")
	if err := report.WriteText(file, text); err != nil {
		return err
	}
	found.Outcome.Result.Reproduce = s.reproduce(file)
	found.Outcome.Result.Certain = certain.Exchange
	s.tellFound(found, certain)
	s.found = append(s.found, found.Outcome.Result.ID)
	return s.dir.Add(found.Outcome)
}

// smaller makes a failure as small as it goes, and, where a run is the same each time, finds
// when it was certain. When the time for that is over, or the sweep is interrupted, it returns
// the smallest so far.
func (s *sweeping) smaller(ctx context.Context, found sweep.Shrunk) (sweep.Shrunk, sweep.Certain, error) {
	if s.most > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, s.ends)
		defer cancel()
	}
	found, certain, err := s.smallest(ctx, found)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil
	}
	return found, certain, err
}

func (s *sweeping) smallest(ctx context.Context, found sweep.Shrunk) (sweep.Shrunk, sweep.Certain, error) {
	shrinker := sweep.Shrinker{Judge: s.bench.Judge, Possible: s.bench.Possible}
	real := s.bench.Mode() != rig.Virtual
	if real {
		shrinker.Of, shrinker.AtLeast = s.again, s.again/2+1
	}
	found, err := shrinker.Shrink(ctx, found.Point, found.Cause, found.Outcome)
	if err != nil || real {
		return found, sweep.Certain{}, err
	}
	certain, err := shrinker.Decide(ctx, found)
	return found, certain, err
}

// tellFound tells of a failure that is as small as it goes.
func (s *sweeping) tellFound(found sweep.Shrunk, certain sweep.Certain) {
	fmt.Fprintf(s.out, "  %s\n  %s\n", found.Point.Name(), inert.Line(found.Outcome.Result.Reason))
	if certain.Until != "" {
		fmt.Fprintf(s.out, "  %s\n", certain.Until)
	}
	if certain.Exchange > 0 {
		fmt.Fprintf(s.out, "  certain after request %d: every continuation that was tried failed (%s)\n", certain.Exchange, strings.Join(certain.Continuations, ", "))
	}
	if failures := found.Outcome.Result.Failures(); len(failures) > 0 {
		for _, line := range found.Outcome.Excerpt(failures[0], 6) {
			fmt.Fprintf(s.out, "    %s\n", inert.Line(line))
		}
	}
	fmt.Fprintf(s.out, "  %s\n", found.Outcome.Result.Reproduce)
}

// reproduce is the command that shows a found failure alone.
func (s *sweeping) reproduce(file string) string {
	words := []string{program(), "certify", "--file", quoted(file), "--client", quoted(s.client)}
	if s.bench.Mode() != rig.Virtual {
		words = append(words, "--mode", string(s.bench.Mode()))
	}
	if s.strict {
		words = append(words, "--strict")
	}
	return strings.Join(append(words, "--seed", fmt.Sprint(s.Seed)), " ")
}

// store writes what the sweep came to: the map of what was covered, which cases there
// are, and the report with both.
func (s *sweeping) store(r sweep.Result) error {
	sum := report.Summary{Client: s.client, Mode: s.bench.Mode(), Seed: s.Seed, Counts: map[string]int{oracle.Fail.String(): len(s.found)}, Cases: append([]string{}, s.found...), Exit: exitOf(r)}
	err := errors.Join(
		report.WriteFile(filepath.Join(s.dir.Path, coverageName), func(out io.Writer) error { return report.JSON(out, r.Coverage) }),
		s.dir.Finish(sum),
	)
	if err != nil {
		return err
	}
	run, err := (&pageFlags{}).run(s.dir.Path)
	if err != nil {
		return err
	}
	return writePage(s.out, filepath.Join(s.dir.Path, certify.PageName), html.Page{Title: "Swept: " + s.client, Runs: []html.Run{run}})
}

// exitOf is the exit code of a sweep.
func exitOf(r sweep.Result) int {
	switch {
	case r.Failed > 0:
		return report.Failed
	case r.Passed+r.Excused == 0:
		return report.Unproved
	}
	return report.Sound
}

// coverageName is the file of a run directory with what a sweep has covered.
const coverageName = "coverage.json"

// coverageIn reads what the sweep in a run directory has covered.
func coverageIn(dir string) (c sweep.Coverage, err error) {
	text, err := report.ReadRegular(filepath.Join(dir, coverageName))
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	return c, err
}

// sweptIn is the map of the sweep in a run directory as a page has it; nil if it holds
// none.
func sweptIn(dir string) (*html.Grid, error) {
	covered, err := coverageIn(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) { // what is no directory is told so by who wants its cases
		return nil, nil
	}
	g := html.Grid{Corner: "Effect by state", Columns: covered.States()}
	for _, effect := range sweep.EffectNames() {
		row := html.GridRow{Name: effect}
		for _, state := range g.Columns {
			cell := html.GridCell{Impossible: !sweep.CanStrike(state, effect)}
			if c := covered[state][effect]; c != nil {
				cell = html.GridCell{Runs: c.Runs, Passed: c.Passed, Failed: c.Failed, Excused: c.Excused, Unreached: c.Unreached}
			}
			row.Cells = append(row.Cells, cell)
		}
		g.Rows = append(g.Rows, row)
	}
	return &g, err
}
