package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"gauntlet/harness/judge/economy"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/rig"
)

// Terminal writes for people. Colour is for a terminal that wants it.
type Terminal struct {
	Out    io.Writer
	Colour bool
	Width  int  // of its lines, in letters; 0: as wide as they come
	Lines  bool // a line for each case as it ends, for logs; a progress bar takes their place
	All    bool // below each line of a case that passed what went over the wire
	// Controls are those in which the client broke a must: one that no case tells
	// is told of them.
	Controls []rig.Outcome
}

// Case writes the line of one outcome. What passed has one line whatever there is to
// say of it, and what could not be put so is counted at the end.
func (t Terminal) Case(o rig.Outcome) {
	status := o.Result.Status
	if !t.Lines || o.Control || status == oracle.NotApplicable && !t.All {
		return
	}
	text := fmt.Sprintf("%-13s %-44s %s", status, o.Case.ID, Remark(o.Result))
	if status == oracle.Pass && t.Width > 0 {
		text = cut(text, t.Width)
	}
	t.headed(status, "%s", text)
	if t.All && status == oracle.Pass {
		for _, line := range o.Timeline() {
			t.exchange(line)
		}
	}
}

// cut is a text of one line, of which … stands for what there is no room for.
func cut(text string, width int) string {
	if letters := []rune(inert.Line(text)); len(letters) > width {
		return strings.TrimRight(string(letters[:width-1]), " ") + "…"
	}
	return text
}

// say writes a line, in which nothing acts whoever chose its words. One that is
// wider than it may be goes on below its second column.
func (t Terminal) say(format string, args ...any) {
	text := inert.Line(fmt.Sprintf(format, args...))
	t.lines(Hang(text, t.Width))
}

// headed is say for a text that begins with a status.
func (t Terminal) headed(s oracle.Status, format string, args ...any) {
	text := inert.Line(fmt.Sprintf(format, args...))
	lines := Hang(text, t.Width)
	lines[0] = strings.Replace(lines[0], s.String(), t.paint(s), 1)
	t.lines(lines)
}

// exchange writes a line of what went over the wire. Where it is wide, it is not set
// in columns.
func (t Terminal) exchange(line string) {
	const below = 16
	line = "    " + inert.Line(line)
	if t.Width > 0 && utf8.RuneCountInString(line) > t.Width {
		request, answer, _ := strings.Cut(line, " → ")
		line = strings.TrimRight(request, " ") + " → " + answer
	}
	t.lines(Fold(line, t.Width, below))
}

func (t Terminal) lines(lines []string) {
	for _, line := range lines {
		fmt.Fprintln(t.Out, line)
	}
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
	return inert.Line(strings.Join(fired, "; "))
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
	t.Tell(SinceSimpler(slices.Concat(outcomes, t.Controls)))
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

// economy writes what a message cost in the cases that were judged, and how
// long it took to be back after a fault.
func (t Terminal) economy(outcomes []rig.Outcome) {
	var list []economy.Figures
	for _, o := range outcomes {
		if s := o.Result.Status; s == oracle.Pass || s == oracle.Fail {
			list = append(list, o.Result.Economy)
		}
	}
	total := economy.Total(list)
	if line := perMessage(total); line != "" {
		fmt.Fprintln(t.Out)
		t.say("each of %d messages cost %s", total.Messages, line)
	}
	if total.Recovered >= 0 {
		t.say("after the last fault the client was answered again within %.1f s, at worst", float64(total.Recovered)/1000)
	}
}

// perMessage is what each message cost; empty if none arrived.
func perMessage(f economy.Figures) string {
	requests, ok := f.Per(f.Requests)
	if !ok {
		return ""
	}
	connections, _ := f.Per(f.Connections)
	sent, _ := f.Per(f.Sent)
	received, _ := f.Per(f.Received)
	return fmt.Sprintf("%.1f requests, %.2f connections, %.0f bytes sent and %.0f received", requests, connections, sent, received)
}

// excerptLines is how many exchanges stand beside a failure.
const excerptLines = 6

// Problems tells of the cases that did not pass, with an example of those that
// ended so for the same reason.
func (t Terminal) Problems(outcomes []rig.Outcome) {
	for _, a := range problems(outcomes) {
		t.problem(a)
	}
}

func (t Terminal) problem(a alike) {
	r := a.example.Result
	fmt.Fprintln(t.Out)
	if len(a.cases) == 1 {
		t.headed(r.Status, "%s  %s: %s", r.Status, r.ID, r.Title)
	} else {
		t.headed(r.Status, "%s  %d cases %s, such as %s: %s", r.Status, len(a.cases), a.why, r.ID, r.Title)
	}
	if r.Status == oracle.Fail {
		t.failure(a.example)
	} else {
		t.say("  reason     %s", r.Reason)
	}
	if others := a.others(); others != "" {
		t.say("  so do      %s", others)
	}
	t.reproduce(r)
}

// reproduce writes the command that shows a case alone, on one line whatever its
// length: it is copied. What others recorded cannot be run.
func (t Terminal) reproduce(r rig.Result) {
	if r.Reproduce != "" {
		fmt.Fprintln(t.Out, inert.Line("  reproduce  "+r.Reproduce))
	}
}

// failure tells of a case that failed: what was asked, why it was not so, and what
// went over the wire.
func (t Terminal) failure(o rig.Outcome) {
	r := o.Result
	for _, f := range r.Faults {
		t.say("  fault      %s (fired %s)", f.Text, times(f.Fired))
	}
	for _, f := range r.Fates[:min(len(r.Fates), excerptLines)] {
		t.say("  fate       %s", f)
	}
	var shown []string
	for _, f := range r.Findings() {
		shown = t.finding(o, f, shown)
	}
}

// finding tells of one defect: the requirement that was broken, with the exchanges
// that show it unless those were shown just before, and what follows from it.
func (t Terminal) finding(o rig.Outcome, f rig.Finding, shown []string) []string {
	q, _ := requirement.ByID(f.Requirement)
	t.say("  broken     %s (%s): %s", f.Requirement, statements(f.Level, q), q.Sentence)
	shown = t.evidence(o, f.Verdict, shown)
	for _, v := range f.Follows {
		q, _ := requirement.ByID(v.Requirement)
		t.say("  so also    %s (%s): %s", v.Requirement, statements(v.Level, q), v.Reason)
	}
	return shown
}

// evidence writes why a verdict is what it is and what it comes of, with the
// exchanges that show it, unless those were shown just before.
func (t Terminal) evidence(o rig.Outcome, v oracle.Verdict, shown []string) []string {
	t.say("  because    %s", v.Reason)
	if v.ComesOf != "" {
		t.say("  comes of   %s", v.ComesOf)
	}
	excerpt := o.Excerpt(v, excerptLines)
	if slices.Equal(excerpt, shown) {
		return shown
	}
	for _, line := range excerpt {
		t.exchange(line)
	}
	return excerpt
}

// statements are the level at which something was asked here, which may be less than the
// requirement's own, and where it is from.
func statements(level requirement.Level, q requirement.Requirement) string {
	words := []string{string(level)}
	for _, s := range q.Statements {
		words = append(words, s.String())
	}
	return strings.Join(words, ", ")
}

// table writes a line for each requirement on which something was found; where the
// terminal is too narrow for that, the numbers stand below it.
// WAIVED are failures in cases that ask it at a lower level than its own:
// there even the best client may fail.
func (t Terminal) table(outcomes []rig.Outcome) {
	var wide, narrow strings.Builder
	w := tabwriter.NewWriter(&wide, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "REQUIREMENT\tLEVEL\tPASS\tFAIL\tWAIVED\tOPEN\tCHECKED")
	for _, q := range requirement.All() {
		if n := tallyOf(outcomes, q); n.pass+n.fail+n.waived+n.open > 0 {
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\n", q.ID, q.Level, n.pass, n.fail, n.waived, n.open, n.checked)
			below := fmt.Sprintf("  %s: %d pass, %d fail, %d waived, %d open, %d checked",
				q.Level, n.pass, n.fail, n.waived, n.open, n.checked)
			fmt.Fprintf(&narrow, "%s\n%s\n", q.ID, strings.Join(Fold(below, t.Width, 4), "\n"))
		}
	}
	_ = w.Flush() // a builder takes everything
	text := wide.String()
	if t.Width > 0 && strings.Index(text, "\n") > t.Width {
		text = narrow.String()
	}
	fmt.Fprint(t.Out, "\n", text)
}

// tally is the number of verdicts on one requirement. Open are those, inconclusive
// or blocked, that a
// case was to prove and could not.
type tally struct{ pass, fail, waived, open, checked int }

func tallyOf(outcomes []rig.Outcome, q requirement.Requirement) (n tally) {
	for _, o := range outcomes {
		for _, v := range o.Result.Verdicts {
			switch {
			case v.Requirement != q.ID:
				continue
			case v.Status == oracle.Pass:
				n.pass++
			case v.Status == oracle.Fail && v.Level != q.Level:
				n.waived++
			case v.Status == oracle.Fail:
				n.fail++
			case slices.Contains(o.Case.Proves, q.ID):
				n.open++
			}
			n.checked += v.Checked
		}
	}
	return n
}

func (t Terminal) counts(outcomes []rig.Outcome) {
	count := Counts(outcomes)
	var parts []string
	for _, name := range ByNumber(count) {
		parts = append(parts, fmt.Sprintf("%d %s", count[name], name))
	}
	noun := "cases"
	if len(outcomes) == 1 {
		noun = "case"
	}
	fmt.Fprintf(t.Out, "\n%d %s: %s\n", len(outcomes), noun, strings.Join(parts, ", "))
	t.inapplicable(outcomes)
}

// inapplicable says on one line why cases could not be put so, the most frequent
// reason first.
func (t Terminal) inapplicable(outcomes []rig.Outcome) {
	reasons := map[string]int{}
	for _, o := range outcomes {
		if o.Result.Status == oracle.NotApplicable {
			reasons[inert.Line(o.Result.Reason)]++
		}
	}
	var parts []string
	for _, reason := range ByNumber(reasons) {
		parts = append(parts, fmt.Sprintf("%d: %s", reasons[reason], reason))
	}
	if len(parts) > 0 {
		t.headed(oracle.NotApplicable, "%s  %s", oracle.NotApplicable, strings.Join(parts, "; "))
	}
}

// Counts is the number of cases by status.
func Counts(outcomes []rig.Outcome) map[string]int {
	count := map[string]int{}
	for _, o := range outcomes {
		count[o.Result.Status.String()]++
	}
	return count
}

// ByNumber are the names of what was counted, the most frequent first.
func ByNumber(count map[string]int) []string {
	names := slices.Collect(maps.Keys(count))
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(count[b]-count[a], strings.Compare(a, b)) })
	return names
}
