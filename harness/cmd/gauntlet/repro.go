package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

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
	stamp   string
}

func reproCommand() *cobra.Command {
	var f reproFlags
	c := &cobra.Command{
		Use:   "repro list | repro all | repro BUG",
		Short: "Reproduce a known bug of a real client, exchange by exchange",
		Long: `Reproduce a known bug of a real client, exchange by exchange.

Exit code 0: the bug showed, and was found to be what it is. 1: it did not.
The list says on which day and in which version CI has last seen each.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			bugs, err := repro.Load(fixtures.Files(), fixtures.Bugs)
			if err != nil {
				return err
			}
			if f.stamp != "" && args[0] != "all" {
				return errors.New("--stamp is for all bugs: gauntlet repro all --stamp FILE")
			}
			if f.variant != "" && (args[0] == "all" || args[0] == "list") {
				return fmt.Errorf("--variant %s is for one bug, and %s names none", f.variant, args[0])
			}
			if err := f.checkMode(); err != nil {
				return err
			}
			if args[0] == "list" {
				return listBugs(cmd.OutOrStdout(), bugs)
			}
			if rig.Mode(f.mode) == rig.Netns && !netns.Inside() {
				return inNamespaces(cmd.Context())
			}
			if args[0] == "all" {
				return f.reproduceAll(cmd.Context(), cmd.OutOrStdout(), bugs)
			}
			return f.reproduceBug(cmd.Context(), cmd.OutOrStdout(), bugs, args[0])
		},
	}
	c.Flags().StringVar(&f.mode, "mode", string(rig.Virtual), "virtual: in virtual time; netns: real interception, in network namespaces and in real time")
	c.Flags().StringVar(&f.variant, "variant", "", "one mechanism of the bug; all if not given")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of all that is drawn by chance")
	c.Flags().StringVar(&f.stamp, "stamp", "", "with all: write the day and this version to the file, for each bug that showed")
	return c
}

func listBugs(out io.Writer, bugs []repro.Bug) error {
	stamps, err := repro.LoadStamps(fixtures.Files(), fixtures.Reproduced, bugs)
	if err != nil {
		return err
	}
	rows := make([]row, len(bugs))
	for i, b := range bugs {
		of := []string{b.Of.String()}
		for _, s := range b.Statements {
			of = append(of, s.String())
		}
		rows[i] = row{ID: b.Name, Title: b.Title, Notes: []string{strings.Join(of, "; "), stamps[b.Name].String()}}
	}
	return printColumns(out, rows)
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
	shown, err := f.perform(ctx, out, bug, variants)
	if err == nil && !shown {
		return exit(report.Failed)
	}
	return err
}

func (f *reproFlags) checkMode() error {
	if mode := rig.Mode(f.mode); mode != rig.Virtual && mode != rig.Netns {
		return fmt.Errorf("no mode %q; %s", f.mode, near.Hint(f.mode, []rig.Mode{rig.Virtual, rig.Netns}, fmt.Sprintf("say %s or %s", rig.Virtual, rig.Netns)))
	}
	return nil
}

// perform reproduces a bug, and reports whether all of the variants showed.
func (f *reproFlags) perform(ctx context.Context, out io.Writer, bug repro.Bug, variants []repro.Variant) (bool, error) {
	introduce(out, bug)
	outcomes, err := f.performAll(ctx, variants)
	if err != nil {
		return false, err
	}
	shown := true
	for i, v := range variants {
		shown = show(out, v, outcomes[i]) && shown
	}
	fmt.Fprintf(out, "\nworkaround: %s\n", strings.TrimSpace(bug.Workaround))
	return shown, nil
}

// reproduceAll says of each bug whether it shows, and stamps those that do. The
// others keep the stamp that they had.
func (f *reproFlags) reproduceAll(ctx context.Context, out io.Writer, bugs []repro.Bug) error {
	stamps, err := repro.LoadStamps(fixtures.Files(), fixtures.Reproduced, bugs)
	if err != nil {
		return err
	}
	now, err := f.stampOfNow()
	if err != nil {
		return err
	}
	code := report.Sound
	for _, b := range bugs {
		var told strings.Builder
		shown, err := f.perform(ctx, &told, b, b.Variants)
		if err != nil {
			return err
		}
		word := "not shown"
		if shown {
			word, stamps[b.Name] = "shown", now
		} else {
			code = report.Failed
		}
		fmt.Fprintf(out, "%-9s  %s\n", word, b.Name)
	}
	if f.stamp != "" {
		err = report.WriteText(f.stamp, stamps.Encode())
	}
	if err == nil && code != report.Sound {
		return exit(code)
	}
	return err
}

// stampOfNow is what the bugs are stamped with that show now.
func (f *reproFlags) stampOfNow() (repro.Stamp, error) {
	s := repro.Stamp{Day: time.Now().UTC().Format(time.DateOnly), Version: rig.Version()}
	if f.stamp != "" && (s.Version == "devel" || strings.Contains(s.Version, "+dirty")) {
		return s, fmt.Errorf("--stamp: this is version %s, which nobody can fetch: build it from a clean checkout, with -buildvcs=true", s.Version)
	}
	return s, nil
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
	var ids []string
	for _, v := range variants {
		ids = append(ids, v.Case)
	}
	cases, err := library().Choose("", ids)
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
