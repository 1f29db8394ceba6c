package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gauntlet/fixtures"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/mutants"
	"gauntlet/harness/report"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/near"
	"gauntlet/harness/run/repro"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

func explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain WORD…",
		Short: "Say what any word is about: a case, a requirement, a statement (S17), a client, a known bug, a verdict, a status of HTTP, a level, an effect, a box, a kind of event",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, words []string) error {
			known, err := topics()
			for i, word := range words {
				if err == nil && i > 0 {
					fmt.Fprintln(cmd.OutOrStdout())
				}
				if err == nil {
					err = explain(cmd.OutOrStdout(), word, known)
				}
			}
			return err
		},
	}
}

// topic is something with a name, and all that there is to say of it.
type topic struct {
	kind, name string
	tell       func(out io.Writer)
}

// called reports whether word is its name, or its name with its kind in front of it.
func (t topic) called(word string) bool {
	return strings.EqualFold(word, t.name) || word == t.kind+":"+t.name
}

// topics are all that can be explained.
func topics() ([]topic, error) {
	cases, err := library().Cases()
	if err != nil {
		return nil, err
	}
	bugs, err := repro.Load(fixtures.Files(), fixtures.Bugs)
	if err != nil {
		return nil, err
	}
	boxes, err := boxTopics()
	if err != nil {
		return nil, err
	}
	levels, err := levelTopics()
	if err != nil {
		return nil, err
	}
	all := slices.Concat(roadTopics(), callTopics(), answerTopics(), eventTopics(), boxes, levels)
	for _, b := range bugs {
		all = append(all, topic{"bug", b.Name, func(out io.Writer) { explainBug(out, b) }})
	}
	for _, q := range requirement.All() {
		all = append(all, topic{"requirement", string(q.ID), func(out io.Writer) { explainRequirement(out, q, cases) }})
	}
	for _, p := range requirement.Places() {
		all = append(all, topic{"statement", p.Statement.String(), func(out io.Writer) { explainStatement(out, p, cases) }})
	}
	for _, s := range oracle.Statuses() {
		all = append(all, topic{"status", s.String(), func(out io.Writer) { fmt.Fprintf(out, "status %s: %s\n", s, s.Means()) }})
	}
	for _, m := range append(mutants.All(), mutants.Odd()...) {
		all = append(all, topic{"mutant", m.Name, func(out io.Writer) { explainMutant(out, m) }})
	}
	for _, c := range cases {
		all = append(all, topic{"case", c.ID, func(out io.Writer) { explainCase(out, c) }})
	}
	return all, nil
}

// explain tells of all that is called so: a mutant and a quirk may share a word.
func explain(out io.Writer, word string, known []topic) error {
	found := false
	for _, t := range known {
		if !t.called(word) {
			continue
		}
		if found {
			fmt.Fprintln(out)
		}
		found = true
		var told strings.Builder
		t.tell(&told)
		for line := range strings.Lines(told.String()) {
			write(out, strings.TrimSuffix(line, "\n"))
		}
	}
	if found {
		return nil
	}
	var names []string
	for _, t := range known {
		names = append(names, t.name)
	}
	return fmt.Errorf("nothing is called %q; %s", word, near.Hint(word, names, "gauntlet list names the cases, and what else there is with a flag for each"))
}

// write fits a line into the width; one that begins with a tab is for copying, and stays
// as it is.
func write(out io.Writer, line string) {
	lines := report.Hang(line, widthOf(out))
	if copied, is := strings.CutPrefix(line, "\t"); is {
		lines = []string{"  " + copied}
	}
	fmt.Fprintln(out, strings.Join(lines, "\n"))
}

func explainMutant(out io.Writer, m mutants.Mutant) {
	fmt.Fprintf(out, "mutant %s: it %s.\n\nIt must be caught by %s:\n\t%s certify --client mutant:%s\n", m.Name, m.Defect, m.Violates, program(), m.Name)
}

// explainBug tells what is known of a bug, and what brings it out.
func explainBug(out io.Writer, b repro.Bug) {
	introduce(out, b)
	for _, v := range b.Variants {
		fmt.Fprintf(out, "\n%s: %s\n  breaks %s in case %s, as %s does\n", v.Name, strings.TrimSpace(v.Mechanism), v.Breaks, v.Case, v.Client)
	}
	fmt.Fprintf(out, "\nto see it on the wire:\n\t%s repro %s\n", program(), b.Name)
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
	fmt.Fprintf(out, "\nwritten in %s:%d; to run it alone:\n\t%s certify --case %s\n", c.File, c.Line, program(), c.ID)
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

// word is one that a case file may use, and all that there is to say of it.
type word struct {
	kind, name, form, doc string
	where                 string // "" where that is in doc
	example               string // a line of a case file
}

// roadTopics are the words of a case file.
func roadTopics() (all []topic) {
	for _, w := range roadWords() {
		all = append(all, topic{w.kind, w.name, func(out io.Writer) { explainWord(out, w) }})
	}
	return all
}

// roadWords are the words that a case speaks: faults and boxes, what the user does,
// the gateway, and what the client is told of proxies.
func roadWords() (all []word) {
	for name, kind := range fault.Effects() {
		all = append(all, word{"effect", name, kind.Form(name), kind.Doc, kind.Where(), `faults: ['` + exampleOf(name, kind) + `']`})
	}
	for _, e := range fault.Manual() {
		all = append(all, word{"part of a fault", e.Word, e.Form, e.Doc, "", `faults: ['` + e.Example + `']`})
	}
	for _, q := range proxies.Quirks() {
		all = append(all, word{"quirk", q.Word, strings.TrimSpace(q.Word + " " + q.Argument()), q.Help, "of " + strings.Join(kindsOf(q), ", "), `chain: ["` + q.Example() + `"]`})
	}
	for _, w := range workload.Words() {
		all = append(all, word{"step", string(w.Verb), w.Form, w.Doc, "", "workload: " + listed(w.Example)})
	}
	for _, k := range servers.Knobs() {
		all = append(all, word{"knob of the gateway", k.Name, k.Form, k.Doc, "", "gateway: {" + k.Example + "}"})
	}
	for _, d := range servers.Dialects() {
		all = append(all, word{"dialect of the gateway", d.Name, "dialect: " + d.Name, d.Doc, "", "gateway: {dialect: " + d.Name + "}"})
	}
	for _, w := range catalogue.ProxyWords() {
		all = append(all, word{"proxy setting", string(w.Setting), "proxy: " + string(w.Setting), w.Doc, "", strings.ReplaceAll(w.Example(), "\n", "\n\t")})
	}
	return all
}

// listed is a list of texts as YAML has it.
func listed(lines []string) string {
	quoted := make([]string, len(lines))
	for i, line := range lines {
		quoted[i] = "'" + strings.ReplaceAll(line, "'", "''") + "'"
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func kindsOf(q proxies.Quirk) (kinds []string) {
	for _, kind := range q.Of() {
		kinds = append(kinds, string(kind))
	}
	return kinds
}

// exampleOf is a fault with the effect at the last place where it means something
// that comes once in each exchange, or at what else there is.
func exampleOf(name string, kind fault.Kind) string {
	trigger := "on connection 2"
	if kind.MeansSomethingAt(fault.AtLookup) {
		trigger = "on lookup 2"
	}
	for _, p := range []fault.Place{fault.AtEnd, fault.AtForward, fault.AtAnswer} {
		if kind.MeansSomethingAt(p) {
			trigger = "on poll 2, " + p.String()
		}
	}
	return "hop 0: " + trigger + ": " + kind.Example(name)
}

func explainWord(out io.Writer, w word) {
	fmt.Fprintf(out, "%s: %s\n\n%s\n", w.kind, w.form, w.doc)
	if w.where != "" {
		fmt.Fprintf(out, "%s\n", w.where)
	}
	fmt.Fprintf(out, "\nfor example:\n\t%s\n", w.example)
}
