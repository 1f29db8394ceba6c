package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gauntlet/fixtures"
	"gauntlet/harness/catalogue"
	"gauntlet/harness/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/repro"
	"gauntlet/harness/rig"
	"gauntlet/harness/virtual"
)

func reproCommand() *cobra.Command {
	var variant string
	var seed uint64
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
			return reproduceBug(cmd.Context(), cmd.OutOrStdout(), bugs, args[0], variant, seed)
		},
	}
	c.Flags().StringVar(&variant, "variant", "", "one mechanism of the bug; all if not given")
	c.Flags().Uint64Var(&seed, "seed", 1, "seed of all that is drawn by chance")
	return c
}

func listBugs(out io.Writer, bugs []repro.Bug) error {
	rows := make([]row, len(bugs))
	for i, b := range bugs {
		notes := []string{b.Of}
		for _, s := range b.Statements {
			notes = append(notes, s.String())
		}
		rows[i] = row{ID: b.Name, Title: b.Title, Notes: notes}
	}
	return printRows(out, rows, false)
}

func reproduceBug(ctx context.Context, out io.Writer, bugs []repro.Bug, name, variant string, seed uint64) error {
	i := slices.IndexFunc(bugs, func(b repro.Bug) bool { return b.Name == name })
	if i < 0 {
		return fmt.Errorf("no bug %q; gauntlet repro list names them", name)
	}
	bug := bugs[i]
	introduce(out, bug)
	shown, asked := 0, 0
	for _, v := range bug.Variants {
		if variant != "" && v.Name != variant {
			continue
		}
		asked++
		ok, err := show(ctx, out, v, seed)
		if err != nil {
			return err
		}
		if ok {
			shown++
		}
	}
	fmt.Fprintf(out, "\nworkaround: %s\n", strings.TrimSpace(bug.Workaround))
	switch {
	case asked == 0:
		return fmt.Errorf("bug %s has no variant %q", name, variant)
	case shown < asked:
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

// show runs one variant and tells whether it ended in the verdict expected.
func show(ctx context.Context, out io.Writer, v repro.Variant, seed uint64) (bool, error) {
	o, err := runOne(ctx, v.Client, v.Case, seed)
	if err != nil {
		return false, err
	}
	fmt.Fprintf(out, "\n--- %s: %s\n    case %s: %s; %s\n", v.Name, strings.TrimSpace(v.Mechanism), v.Case, o.Case.Title, o.Case.Chain)
	for _, line := range o.Story() {
		fmt.Fprintf(out, "    %s\n", line)
	}
	for _, verdict := range o.Result.Verdicts {
		if verdict.Requirement == v.Breaks && verdict.Status == oracle.Fail {
			fmt.Fprintf(out, "    verdict: %s broken: %s\n", v.Breaks, verdict.Reason)
			return true, nil
		}
	}
	fmt.Fprintf(out, "    verdict: %s was expected to be broken and is not; the case is %s: %s\n", v.Breaks, o.Result.Status, o.Result.Reason)
	return false, nil
}

// runOne performs one case of the catalogue with a client, in virtual time.
func runOne(ctx context.Context, clientName, caseID string, seed uint64) (rig.Outcome, error) {
	factory, err := findClient(clientName)
	if err != nil {
		return rig.Outcome{}, err
	}
	all, err := allCases()
	if err != nil {
		return rig.Outcome{}, err
	}
	cases, err := catalogue.Select(all, caseID)
	if err != nil {
		return rig.Outcome{}, err
	}
	options := rig.Options{Mode: rig.Virtual, Client: factory, ClientName: clientName, Seed: seed}
	run := rig.InWorkers(virtual.Pool{Args: []string{"worker"}, Workers: 1}, options)
	var outcome rig.Outcome
	err = run(ctx, cases[:1], func(o rig.Outcome) { outcome = o })
	return outcome, err
}
