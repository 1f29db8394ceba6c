package report

import (
	"fmt"
	"io"
	"strings"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/rig"
)

// Terminal writes for people. Colour is for a terminal that wants it.
type Terminal struct {
	Out    io.Writer
	Colour bool
	Lines  bool // a line for each case as it ends, for logs; a progress bar takes their place
}

// Case writes the line of one outcome.
func (t Terminal) Case(o rig.Outcome) {
	if !t.Lines || o.Control {
		return
	}
	fmt.Fprintf(t.Out, "%-13s %-44s %s\n", t.paint(o.Result.Status), o.Case.ID, Remark(o.Result))
}

// Remark is what is worth knowing of a case on one line.
func Remark(r rig.Result) string {
	if r.Known != "" {
		return "known: " + inert.Line(r.Known)
	}
	if r.Status != oracle.Pass {
		return inert.Line(r.Reason)
	}
	var fired []string
	for _, f := range r.Faults {
		fired = append(fired, fmt.Sprintf("%s (fired %s on connection %s)", f.Text, times(f.Fired), numbers(f.Connections)))
	}
	if len(fired) == 0 {
		return "undisturbed"
	}
	return strings.Join(fired, "; ")
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func numbers(list []int) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = fmt.Sprint(n)
	}
	return strings.Join(words, ", ")
}

// Summary writes the table of requirements, the failures with their evidence,
// and the counts.
func (t Terminal) Summary(outcomes []rig.Outcome) {
	t.table(outcomes)
	t.Problems(outcomes)
	t.economy(outcomes)
	t.counts(outcomes)
}

var colours = map[oracle.Status]string{oracle.Pass: "32", oracle.Fail: "31", oracle.Broken: "35"}

func (t Terminal) paint(s oracle.Status) string {
	if !t.Colour {
		return s.String()
	}
	code := colours[s]
	if code == "" {
		code = "33"
	}
	return "\x1b[" + code + "m" + s.String() + "\x1b[0m"
}
