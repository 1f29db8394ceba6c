package main

import (
	"fmt"
	"io"
	"strings"

	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// word is one that a case file may use, and all that there is to say of it.
type word struct {
	kind, name, form, doc string
	where                 string // "" where that is in doc
	example               string // a line of a case file
}

// roadWords are the words that the road speaks: faults and boxes.
func roadWords() (all []word) {
	for name, kind := range fault.Effects() {
		all = append(all, word{"effect", name, kind.Form(name), kind.Doc, "at " + strings.Join(kind.Places(), ", "), `faults: ['` + exampleOf(name, kind) + `']`})
	}
	for _, e := range fault.Manual() {
		all = append(all, word{"part of a fault", e.Word, e.Form, e.Doc, "", `faults: ['` + e.Example + `']`})
	}
	for _, q := range proxies.Quirks() {
		all = append(all, word{"quirk", q.Word, strings.TrimSpace(q.Word + " " + q.Argument()), q.Help, "of " + strings.Join(kindsOf(q), ", "), `chain: ["` + q.Example() + `"]`})
	}
	return all
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
	fmt.Fprintf(out, "\nfor example:\n  %s\n", w.example)
}
