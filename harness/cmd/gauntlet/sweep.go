package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/rig"
)

// sweepFlags are what sweep was asked for.
type sweepFlags struct {
	client string
	cases  []string
	seeds  int
	first  uint64
}

func sweepCommand() *cobra.Command {
	var f sweepFlags
	c := &cobra.Command{
		Use:   "sweep",
		Short: "Run cases that draw by chance under many seeds, and give the rate of passes",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return f.sweep(cmd.Context(), cmd.OutOrStdout()) },
	}
	c.Flags().StringVar(&f.client, "client", certify.BuiltIn, "client under test, as for certify")
	c.Flags().StringSliceVar(&f.cases, "case", []string{"lossy-chance-*"}, "ids of the cases to run, * stands for anything")
	c.Flags().IntVar(&f.seeds, "seeds", 100, "how many seeds")
	c.Flags().Uint64Var(&f.first, "seed", 1, "the first of them")
	return c
}

// sweep runs the cases under one seed after the other.
func (f *sweepFlags) sweep(ctx context.Context, out io.Writer) error {
	if f.seeds < 1 {
		return fmt.Errorf("--seeds %d: want 1 or more", f.seeds)
	}
	clients, err := inProcess(f.client)
	if err != nil {
		return err
	}
	known := library()
	all, err := known.Cases()
	if err != nil {
		return err
	}
	globs, err := globsOf(f.cases)
	if err != nil {
		return err
	}
	cases, err := catalogue.Select(all, globs...)
	if err != nil {
		return err
	}
	var rate report.Rate
	for seed := f.first; seed < f.first+uint64(f.seeds); seed++ {
		run := certify.Options{Library: known, Clients: clients, Seed: seed, Worker: worker()}.Runner()
		if err := run(ctx, cases, func(o rig.Outcome) { f.count(out, &rate, o) }); err != nil {
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
