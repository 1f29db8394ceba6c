package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/report"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/queue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/sweep"
)

// sweepFlags are what sweep was asked for.
type sweepFlags struct {
	sweep.Breadth
	client      string
	mode        string
	noNamespace bool
	box         string
	workloads   []string
	dialects    []string
	boxes       []string
	points      []string
	classes     string
	given       func(flag string) bool // reports whether it was said, and is no default
	plan, first bool
	strict      bool // shoulds count as well
	most        time.Duration
	out, resume string
	dir         report.RunDir // once it is there
	queue       queue.Options
	cases       []string
	seeds       int
	shrink      int // of so many causes the example is made smaller
	again       int // in real time, so often is a smaller point tried
}

func sweepCommand() *cobra.Command {
	var f sweepFlags
	c := &cobra.Command{
		Use:   "sweep",
		Short: "Strike a session everywhere, and make what breaks as small as it goes",
		Long: `Strike a session at every point of the protocol with every kind of fault, judge
each run, put the failures together by their causes, and make one of each as
small as it goes: a case file that fails for the same reason.

With --seeds or --case it runs cases that draw by chance under many seeds
instead, and gives the rate of passes.

Exit code 0: the client kept every must. 1: it broke one. 2: something of ours
is broken, or the call was wrong. 3: nothing was run.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.given = cmd.Flags().Changed
			if err := f.check(); err != nil {
				return err
			}
			if f.given("seeds") || f.given("case") {
				return f.underSeeds(cmd.Context(), cmd.OutOrStdout())
			}
			return f.sweep(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f.register(c)
	return c
}

func (f *sweepFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.client, "client", certify.BuiltIn, "client under test, as for certify")
	c.Flags().StringVar(&f.mode, "mode", "", "what the points stand on, as for certify")
	c.Flags().BoolVar(&f.noNamespace, "no-namespace", false, "run programs on plain loopback")
	c.Flags().StringVar(&f.box, "box", "", "a real program that stands in for the boxes, as for certify")
	c.Flags().StringArrayVar(&f.workloads, "workload", []string{"chat"}, "what the user does: a name, or steps with semicolons between; may be repeated")
	c.Flags().StringSliceVar(&f.dialects, "dialect", []string{"documented", "strict"}, "dialects of the gateway; where time is real only the first unless they are named")
	c.Flags().StringArrayVar(&f.boxes, "boxes", []string{"forward port 8080", "intercept"}, "boxes on the way, with arrows between, or direct; may be repeated; where time is real only the first unless they are named")
	c.Flags().StringArrayVar(&f.points, "point", nil, "a point by its name, alone; may be repeated")
	c.Flags().StringVar(&f.classes, "classes", "", "fine: what the requirements tell apart; coarse: what a client's socket can; coarse where time is real unless this says it")
	c.Flags().BoolVar(&f.plan, "plan", false, "count the points, and run none")
	c.Flags().BoolVar(&f.Every, "every", false, "all points, not one of each class")
	c.Flags().BoolVar(&f.Pairs, "pairs", false, "two faults as well, one of each class")
	c.Flags().IntVar(&f.Triples, "triples", 0, "so many points with three faults as well, drawn by chance")
	c.Flags().DurationVar(&f.most, "for", 0, "begin no point after this time, and make examples smaller for half as long")
	c.Flags().BoolVar(&f.first, "until-it-fails", false, "end with the first failure")
	c.Flags().BoolVar(&f.strict, "strict", false, "a should that fails counts as well")
	c.Flags().IntVar(&f.shrink, "shrink", 20, "make the examples of so many causes smaller, those with the most points")
	c.Flags().IntVar(&f.again, "again", 3, "in real time, try each smaller point so often; most of the tries have to fail")
	c.Flags().StringVar(&f.out, "out", "", "directory for what was found; a new one below out/ if not given")
	c.Flags().StringVar(&f.resume, "resume", "", "directory of a sweep that was ended in the middle: go on there, with the same client, mode and seed; what is asked for now and was run then is not run again")
	registerQueue(c, &f.queue)
	c.Flags().StringSliceVar(&f.cases, "case", []string{"lossy-chance-*"}, "with --seeds: ids of the cases to run, * stands for anything")
	c.Flags().IntVar(&f.seeds, "seeds", 100, "run cases under so many seeds, in place of points")
	c.Flags().Uint64Var(&f.Seed, "seed", 1, "the first seed, or that of all that is drawn by chance")
}

// The kinds of classes.
const fine, coarse = "fine", "coarse"

// where keeps what was not asked for to what there is time for, where time is real.
func (f *sweepFlags) where(m rig.Mode) {
	f.Coarse = f.classes == coarse || f.classes == "" && m != rig.Virtual
	if m == rig.Virtual {
		return
	}
	if !f.given("dialect") {
		f.dialects = f.dialects[:1]
	}
	if !f.given("boxes") {
		f.boxes = f.boxes[:1]
	}
}

// check refuses numbers that mean nothing.
func (f *sweepFlags) check() error {
	switch {
	case f.seeds < 1:
		return fmt.Errorf("--seeds %d: want 1 or more", f.seeds)
	case f.again < 1:
		return fmt.Errorf("--again %d: want 1 or more", f.again)
	case f.shrink < 0:
		return fmt.Errorf("--shrink %d: want 0 or more", f.shrink)
	case f.Triples < 0:
		return fmt.Errorf("--triples %d: want 0 or more", f.Triples)
	case f.resume != "" && f.out != "":
		return fmt.Errorf("--resume %s goes on in that directory: leave --out away", f.resume)
	case f.queue.URL != "" && (f.given("seeds") || f.given("case")):
		return errors.New("--nats shares points; leave --seeds and --case away")
	case f.classes != "" && f.classes != fine && f.classes != coarse:
		return fmt.Errorf("--classes %s: want %s or %s", f.classes, fine, coarse)
	case f.given("for") && f.most <= 0:
		return fmt.Errorf("--for %s: want a length of time such as 30s or 5m", f.most)
	}
	return nil
}

// options are those of whoever runs the points.
func (f *sweepFlags) options() (o certify.Options, err error) {
	clients, err := certify.FindClients([]string{f.client}, findClient)
	if err != nil {
		return o, err
	}
	o = certify.Options{Library: library(), Clients: clients, Mode: rig.Mode(f.mode), NoNamespace: f.noNamespace, Box: f.box, Seed: f.Seed, Strict: f.strict, Worker: worker(), Queue: f.queue}
	if f.client != certify.BuiltIn { // which would be its own witness
		o.Reference = builtin.New()
	}
	return o, nil
}

// underSeeds runs the cases under one seed after the other.
func (f *sweepFlags) underSeeds(ctx context.Context, out io.Writer) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	globs, err := globsOf(f.cases)
	if err != nil {
		return err
	}
	cases, err := o.Library.Choose("", globs)
	if err != nil {
		return err
	}
	bench, err := certify.NewBench(ctx, o)
	if err != nil {
		return err
	}
	defer bench.Close()
	var rate report.Rate
	for seed := f.Seed; seed < f.Seed+uint64(f.seeds); seed++ {
		if err := bench.Run(seed)(ctx, cases, func(o rig.Outcome) { f.count(out, &rate, o) }); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "%s under %d seeds: %s\n", plural(len(cases), "case"), f.seeds, rate)
	if rate.Passed < rate.Runs {
		return exit(report.Failed)
	}
	return nil
}

func (f *sweepFlags) count(out io.Writer, rate *report.Rate, o rig.Outcome) {
	rate.Runs++
	if o.Result.Status == oracle.Pass {
		rate.Passed++
		return
	}
	fmt.Fprintf(out, "%s  seed %d: %s: %s\n  %s certify --case %s --client %s --seed %d\n",
		o.Result.Status, o.Result.Seed, o.Case.ID, inert.Line(o.Result.Reason), program(), o.Case.ID, f.client, o.Result.Seed)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// worlds are those that were asked for.
func (f *sweepFlags) worlds(v catalogue.Vocabulary) (list []sweep.World, err error) {
	for _, script := range f.workloads {
		for _, boxes := range f.boxes {
			for _, dialect := range f.dialects {
				w, err := sweep.ParseWorld(script, dialect, boxes, v)
				if err != nil {
					return nil, err
				}
				list = append(list, w)
			}
		}
	}
	return list, nil
}

// sweep runs the points and tells of them.
func (f *sweepFlags) sweep(ctx context.Context, out, aside io.Writer) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	enter, why := o.Settle(ctx)
	if why != nil {
		fmt.Fprintf(aside, "on plain loopback, where dials are not seen: %v\n", why)
	}
	o.NoNamespace = o.NoNamespace || why != nil
	if enter {
		return inNamespaces(ctx)
	}
	defer func() { f.dir.Release() }()
	if f.queue.URL == "" || f.plan {
		return f.onBench(ctx, o, out, aside)
	}
	return f.shared(ctx, o, out, aside)
}

// shared is sweep with all who work along.
func (f *sweepFlags) shared(ctx context.Context, o certify.Options, out, aside io.Writer) error {
	q, err := queue.Open(ctx, o.Queue)
	if err != nil {
		return err
	}
	defer q.Close()
	dir, err := f.directory()
	if err != nil {
		return err
	}
	o, finish, err := certify.Shared(ctx, o, q, dir.Path)
	if err != nil {
		return err
	}
	err = f.onBench(ctx, o, out, aside)
	var told exit
	if ended := finish(err == nil || errors.As(err, &told)); ended != nil && (err == nil || told != 0) {
		return ended
	}
	return err
}

// onBench is sweep where it is going to run.
func (f *sweepFlags) onBench(ctx context.Context, o certify.Options, out, aside io.Writer) error {
	words := o.Library.Vocabulary()
	if _, err := f.worlds(words); err != nil {
		return err // before a program is asked to sign in
	}
	bench, err := certify.NewBench(ctx, o)
	if err != nil {
		return err
	}
	defer bench.Close()
	f.where(bench.Mode())
	worlds, err := f.worlds(words)
	if err != nil {
		return err
	}
	s := &sweeping{sweepFlags: f, bench: bench, out: out, aside: aside}
	if len(f.points) > 0 {
		return s.named(ctx, words)
	}
	if worlds, err = s.possible(worlds); err != nil {
		return err
	}
	if s.spaces, err = sweep.Explore(ctx, bench.Run(f.Seed), worlds, words); err != nil {
		return err
	}
	if f.plan {
		return s.tell(f.Count(s.spaces))
	}
	return s.run(ctx, f.Points(s.spaces), f.Count(s.spaces).Sum())
}
