package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gauntlet/fixtures"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/mutants"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/near"
	"gauntlet/harness/run/repro"
)

func explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain WORD…",
		Short: "Say what a case, a requirement, a statement (S17), a mutant, a known bug, an effect or a quirk is about",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, ids []string) error {
			cases, err := library().Cases()
			for i, id := range ids {
				if err == nil && i > 0 {
					fmt.Fprintln(cmd.OutOrStdout())
				}
				if err == nil {
					err = explain(cmd.OutOrStdout(), id, cases)
				}
			}
			return err
		},
	}
}

// explain tells of all that has that id: a mutant and a quirk may share a word.
func explain(out io.Writer, id string, cases []catalogue.Case) error {
	bugs, err := repro.Load(fixtures.Files(), fixtures.Bugs)
	if err != nil {
		return err
	}
	var topics []func()
	if i := slices.IndexFunc(cases, func(c catalogue.Case) bool { return c.ID == id }); i >= 0 {
		topics = append(topics, func() { explainCase(out, cases[i]) })
	}
	if q, ok := requirement.ByID(requirement.ID(id)); ok {
		topics = append(topics, func() { explainRequirement(out, q, cases) })
	}
	for _, p := range requirement.Places() {
		if p.Statement.String() == strings.ToUpper(id) {
			topics = append(topics, func() { explainStatement(out, p, cases) })
		}
	}
	if m, ok := mutants.Named(strings.TrimPrefix(id, "mutant:")); ok {
		topics = append(topics, func() { explainMutant(out, m) })
	}
	if i := slices.IndexFunc(bugs, func(b repro.Bug) bool { return b.Name == id }); i >= 0 {
		topics = append(topics, func() { explainBug(out, bugs[i]) })
	}
	for _, w := range roadWords() {
		if w.name == id {
			topics = append(topics, func() { explainWord(out, w) })
		}
	}
	for i, tell := range topics {
		if i > 0 {
			fmt.Fprintln(out)
		}
		tell()
	}
	if topics == nil {
		return fmt.Errorf("nothing is called %q; %s", id, near.Hint(id, explained(cases, bugs), "gauntlet list names the cases, and what else there is with a flag for each"))
	}
	return nil
}

// explained are all words that can be explained.
func explained(cases []catalogue.Case, bugs []repro.Bug) (words []string) {
	for _, w := range roadWords() {
		words = append(words, w.name)
	}
	for _, b := range bugs {
		words = append(words, b.Name)
	}
	for _, id := range requirement.IDs() {
		words = append(words, string(id))
	}
	words = append(words, mutants.Names()...)
	for _, c := range cases {
		words = append(words, c.ID)
	}
	return words
}

func explainMutant(out io.Writer, m mutants.Mutant) {
	fmt.Fprintf(out, "mutant %s: it %s.\n\nIt must be caught by %s:\n  %s certify --client mutant:%s\n", m.Name, m.Defect, m.Violates, program(), m.Name)
}

// explainBug tells what is known of a bug, and what brings it out.
func explainBug(out io.Writer, b repro.Bug) {
	introduce(out, b)
	for _, v := range b.Variants {
		fmt.Fprintf(out, "\n%s: %s\n  breaks %s in case %s, as %s does\n", v.Name, strings.TrimSpace(v.Mechanism), v.Breaks, v.Case, v.Client)
	}
	fmt.Fprintf(out, "\nto see it on the wire:\n  %s repro %s\n", program(), b.Name)
}

func explainCase(out io.Writer, c catalogue.Case) {
	fmt.Fprintf(out, "%s: %s\n\n%s\n\n", c.ID, c.Title, strings.TrimSpace(c.Why))
	fmt.Fprintf(out, "on the way   %s\n", c.Chain)
	for _, f := range c.Faults {
		fmt.Fprintf(out, "disturbed    %s\n", f)
	}
	fmt.Fprintf(out, "gateway      %s, takes %s for an answer%s\n", c.Dialect, c.Think, turned(c.Knobs))
	if c.Proxy != catalogue.AsChain {
		fmt.Fprintf(out, "proxy        given, %s\n", c.Proxy)
	}
	fmt.Fprintf(out, "the user     %s\n\nA client must, or should:\n", c.Workload)
	for _, id := range c.Proves {
		q, _ := requirement.ByID(id)
		fmt.Fprintf(out, "  %-28s %s (%s)\n", id, q.Sentence, statementsOf(q))
	}
	fmt.Fprintf(out, "\nwritten in %s:%d; to run it alone:\n  %s certify --case %s\n", c.File, c.Line, program(), c.ID)
}

func turned(knobs []catalogue.Knob) string {
	var words []string
	for _, k := range knobs {
		words = append(words, k.Name+" "+k.Value)
	}
	if len(words) == 0 {
		return ""
	}
	return "; " + strings.Join(words, ", ")
}

func statementsOf(q requirement.Requirement) string {
	words := []string{string(q.Level)}
	for _, s := range q.Statements {
		words = append(words, s.String())
	}
	return strings.Join(words, ", ")
}

func explainRequirement(out io.Writer, q requirement.Requirement, cases []catalogue.Case) {
	fmt.Fprintf(out, "%s (%s, %s)\n\n%s\n%s\n\n", q.ID, q.Level, q.Standing, q.Sentence, q.Rationale)
	for _, s := range q.Statements {
		fmt.Fprintf(out, "  %-4s %s\n", s, says(s))
	}
	explainNumbers(out, q)
	fmt.Fprintf(out, "\nproved by %s\n", proofs(q.ID, cases))
	for _, m := range mutants.All() {
		if m.Violates == q.ID {
			fmt.Fprintf(out, "broken by mutant:%s, which %s\n", m.Name, m.Defect)
		}
	}
}

// explainNumbers tells where the numbers come from that decide.
func explainNumbers(out io.Writer, q requirement.Requirement) {
	if len(q.Numbers) > 0 {
		fmt.Fprint(out, "\nnumbers that it rests on\n")
	}
	for _, n := range q.Numbers {
		fmt.Fprintf(out, "  %-6s %s\n         %s\n", n.Level, n.Says, n.Origin)
	}
}

func says(s requirement.Statement) string {
	for _, p := range requirement.Places() {
		if p.Statement == s {
			return p.Says
		}
	}
	return ""
}

// proofs names the cases that prove a requirement, a few of them.
func proofs(id requirement.ID, cases []catalogue.Case) string {
	var found []string
	for _, c := range cases {
		if slices.Contains(c.Proves, id) {
			found = append(found, c.ID)
		}
	}
	if len(found) > 4 {
		found = append(found[:4:4], fmt.Sprintf("and %d more", len(found)-4))
	}
	return strings.Join(found, ", ")
}

func explainStatement(out io.Writer, p requirement.Place, cases []catalogue.Case) {
	fmt.Fprintf(out, "%s: %s\n\nA statement of %s.\n\n", p.Statement, p.Says, requirement.Source)
	if p.Reason != "" {
		fmt.Fprintf(out, "Nothing proves it: %s.\n", p.Reason)
	}
	if p.Spec != "" {
		fmt.Fprintf(out, "proved of our gateway and boxes in %s, label %s\n", p.Spec, p.Statement)
	}
	for _, q := range p.Statement.Requirements() {
		fmt.Fprintf(out, "asked of a client as %s (%s): %s\n  proved by %s\n", q.ID, q.Level, q.Sentence, proofs(q.ID, cases))
	}
}
