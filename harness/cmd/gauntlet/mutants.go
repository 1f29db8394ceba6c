package main

import (
	"context"
	"fmt"
	"io"
	"path"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"gauntlet/harness/mutants"
	"gauntlet/harness/mutants/matrix"
	"gauntlet/harness/report"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
)

// patience is how long a hostile client may keep its worker busy, and
// longPatience any other where all cases are run: some do in an hour what takes
// minutes.
const (
	patience     = 8 * time.Second
	longPatience = 3 * time.Minute
)

// mutantsFlags are what mutants was asked for.
type mutantsFlags struct {
	json   bool
	all    bool
	mutant string
	cases  []string
	seed   uint64
}

func mutantsCommand() *cobra.Command {
	var f mutantsFlags
	c := &cobra.Command{
		Use:   "mutants",
		Short: "Put clients with known defects through the cases: does the judge catch them?",
		Long: `Put clients with known defects through the cases: does the judge catch them?

Exit code 0: each is caught by the requirement that it violates, no client that
is odd and correct is blamed, and each must has a client that it catches. 1: not
so. 2: something of ours is broken, or the call was wrong.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	c.Flags().BoolVar(&f.json, "json", false, "print the matrix as JSON")
	c.Flags().BoolVar(&f.all, "all", false, "all cases for each client, in place of those that suffice")
	c.Flags().StringVar(&f.mutant, "mutant", "*", "the clients to try, * stands for anything")
	c.Flags().StringSliceVar(&f.cases, "case", nil, "ids of the cases to put them through, * stands for anything")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of all that is drawn by chance")
	return c
}

func (f *mutantsFlags) run(ctx context.Context, out, progress io.Writer) error {
	plans, err := f.plans()
	if err != nil {
		return err
	}
	done := func(r matrix.Row) {
		if wrong := r.Wrong(); wrong != "" {
			fmt.Fprintf(progress, "%s %s\n", r.Name, wrong)
		}
	}
	crews := virtual.KeepCrews(ctx)
	defer crews.Close()
	runner := func(m mutants.Mutant) rig.Runner { return f.runner(m, crews) }
	m, err := matrix.Run(ctx, plans, runtime.NumCPU(), runner, done)
	if err != nil {
		return err
	}
	if f.mutant != "*" || f.cases != nil {
		m.Uncovered = nil // of a part nothing is to be expected
	}
	return f.show(out, m)
}

// plans says which client goes through which cases.
func (f *mutantsFlags) plans() ([]matrix.Plan, error) {
	cases, err := library().Cases()
	if err == nil {
		f.cases, err = globsOf(f.cases)
	}
	if err != nil {
		return nil, err
	}
	var plans []matrix.Plan
	for _, m := range append(mutants.All(), mutants.Odd()...) {
		chosen, err := path.Match(f.mutant, m.Name)
		if err != nil {
			return nil, fmt.Errorf("mutant %q: the glob is malformed: a [ without ]", f.mutant)
		}
		if !chosen {
			continue
		}
		p, err := f.plan(m, cases)
		if err != nil {
			return nil, err
		}
		plans = append(plans, p)
	}
	if plans == nil {
		_, err = findClient("mutant:" + f.mutant) // its error names what there is
	}
	return plans, err
}

func (f *mutantsFlags) plan(m mutants.Mutant, cases []catalogue.Case) (matrix.Plan, error) {
	switch {
	case f.cases != nil:
		chosen, err := catalogue.Select(cases, f.cases...)
		return matrix.Plan{Mutant: m, Cases: chosen}, err
	case f.all:
		return matrix.Whole(m, cases)
	}
	return matrix.Quick(m, cases)
}

// runner performs the cases of one client in one worker at a time.
func (f *mutantsFlags) runner(m mutants.Mutant, crews *virtual.Crews) rig.Runner {
	name := "mutant:" + m.Name
	o := certify.Options{Library: library(), Clients: []certify.Client{{Value: name, Name: name, New: m.New}}, Seed: f.seed, Worker: worker(), Parallel: 1, Crews: crews}
	switch {
	case m.Hostile:
		o.Silence = patience
	case f.all:
		o.Silence = longPatience
	}
	return o.Runner()
}

func (f *mutantsFlags) show(out io.Writer, m matrix.Matrix) error {
	if f.json {
		if err := report.JSON(out, m); err != nil {
			return err
		}
	} else if err := m.Print(out); err != nil {
		return err
	}
	switch {
	case m.Broken():
		return exit(report.Unusable)
	case !m.Sound():
		return exit(report.Failed)
	}
	return nil
}
