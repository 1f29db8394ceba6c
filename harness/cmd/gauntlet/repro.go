package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"gauntlet/fixtures"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/near"
	"gauntlet/harness/run/repro"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/netns"
)

// reproFlags are what repro was asked for.
type reproFlags struct {
	variant string
	mode    string
	seed    uint64
}

func reproCommand() *cobra.Command {
	var f reproFlags
	c := &cobra.Command{
		Use:   "repro list | repro BUG",
		Short: "Reproduce a known bug of a real client, exchange by exchange",
		Long: `Reproduce a known bug of a real client, exchange by exchange.

Exit code 0: the bug showed, and was found to be what it is. 1: it did not.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			bugs, err := repro.Load(fixtures.Files(), fixtures.Bugs)
			if err != nil {
				return err
			}
			if args[0] == "list" {
				return listBugs(cmd.OutOrStdout(), bugs)
			}
			if rig.Mode(f.mode) == rig.Netns && !netns.Inside() {
				return inNamespaces(cmd.Context())
			}
			return f.reproduceBug(cmd.Context(), cmd.OutOrStdout(), bugs, args[0])
		},
	}
	c.Flags().StringVar(&f.mode, "mode", string(rig.Virtual), "virtual: in virtual time; netns: real interception, in network namespaces and in real time")
	c.Flags().StringVar(&f.variant, "variant", "", "one mechanism of the bug; all if not given")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of all that is drawn by chance")
	return c
}

func listBugs(out io.Writer, bugs []repro.Bug) error {
	rows := make([]row, len(bugs))
	for i, b := range bugs {
		notes := []string{b.Of.String()}
		for _, s := range b.Statements {
			notes = append(notes, s.String())
		}
		rows[i] = row{ID: b.Name, Title: b.Title, Notes: notes}
	}
	return printRows(out, rows, false)
}

func (f *reproFlags) reproduceBug(ctx context.Context, out io.Writer, bugs []repro.Bug, name string) error {
	i := slices.IndexFunc(bugs, func(b repro.Bug) bool { return b.Name == name })
	if i < 0 {
		var names []string
		for _, b := range bugs {
			names = append(names, b.Name)
		}
		return fmt.Errorf("no bug %q; %s", name, near.Hint(name, names, "gauntlet repro list names them"))
	}
	bug := bugs[i]
	variants := slices.DeleteFunc(slices.Clone(bug.Variants), func(v repro.Variant) bool { return f.variant != "" && v.Name != f.variant })
	if len(variants) == 0 {
		var names []string
		for _, v := range bug.Variants {
			names = append(names, v.Name)
		}
		return fmt.Errorf("bug %s has no variant %q; %s", name, f.variant, near.Hint(f.variant, names, "it has "+strings.Join(names, ", ")))
	}
	if mode := rig.Mode(f.mode); mode != rig.Virtual && mode != rig.Netns {
		return fmt.Errorf("no mode %q; %s", f.mode, near.Hint(f.mode, []rig.Mode{rig.Virtual, rig.Netns}, fmt.Sprintf("say %s or %s", rig.Virtual, rig.Netns)))
	}
	introduce(out, bug)
	outcomes, err := f.performAll(ctx, variants)
	if err != nil {
		return err
	}
	shown := true
	for i, v := range variants {
		shown = show(out, v, outcomes[i]) && shown
	}
	fmt.Fprintf(out, "\nworkaround: %s\n", strings.TrimSpace(bug.Workaround))
	if !shown {
		return exit(report.Failed)
	}
	return nil
}

func introduce(out io.Writer, b repro.Bug) {
	var words []string
	for _, s := range b.Statements {
		words = append(words, s.String())
	}
	fmt.Fprintf(out, "%s: %s\n%s", b.Name, b.Title, b.Of)
	if len(words) > 0 {
		fmt.Fprintf(out, " (%s)", strings.Join(words, ", "))
	}
	fmt.Fprintf(out, "\n\n%s\n", strings.TrimSpace(b.Told))
	if b.Reconstructed {
		fmt.Fprintln(out, "\nThe source does not tell the mechanism; what follows is reconstructed.")
	}
}

// show tells of one variant, and whether it ended in the verdict expected.
func show(out io.Writer, v repro.Variant, o rig.Outcome) bool {
	fmt.Fprintf(out, "\n--- %s: %s\n    case %s: %s; %s\n", v.Name, strings.TrimSpace(v.Mechanism), v.Case, o.Case.Title, o.Case.Chain)
	o = certify.Masked(o)
	for _, line := range o.Timeline() {
		fmt.Fprintf(out, "    %s\n", inert.Line(line))
	}
	for _, verdict := range o.Result.Verdicts {
		if verdict.Requirement == v.Breaks && verdict.Status == oracle.Fail {
			fmt.Fprintf(out, "    verdict: %s broken: %s\n", v.Breaks, verdict.Reason)
			return true
		}
	}
	fmt.Fprintf(out, "    verdict: %s was expected to be broken and is not; the case is %s: %s\n", v.Breaks, o.Result.Status, o.Result.Reason)
	return false
}

// performAll performs the variants' cases with their clients, all at once: in
// real time they mostly wait.
func (f *reproFlags) performAll(ctx context.Context, variants []repro.Variant) ([]rig.Outcome, error) {
	cases, err := library().Cases()
	if err != nil {
		return nil, err
	}
	outcomes, errs := make([]rig.Outcome, len(variants)), make([]error, len(variants))
	var wg sync.WaitGroup
	for i, v := range variants {
		wg.Go(func() { outcomes[i], errs[i] = f.performOne(ctx, cases, v) })
	}
	wg.Wait()
	return outcomes, errors.Join(errs...)
}

func (f *reproFlags) performOne(ctx context.Context, all []catalogue.Case, v repro.Variant) (outcome rig.Outcome, err error) {
	clients, err := inProcess(v.Client)
	if err != nil {
		return outcome, err
	}
	cases, err := catalogue.Select(all, v.Case)
	if err != nil {
		return outcome, err
	}
	o := certify.Options{Library: library(), Clients: clients, Mode: rig.Mode(f.mode), Seed: f.seed, Worker: worker(), Parallel: 1}
	err = o.Runner()(ctx, cases[:1], func(o rig.Outcome) { outcome = o })
	return outcome, err
}
