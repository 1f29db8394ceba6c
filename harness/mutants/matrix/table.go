package matrix

import (
	"fmt"
	"io"
	"strings"

	"gauntlet/harness/judge/requirement"
)

// letters are how marks are written in the table.
var letters = map[Mark]string{Caught: "X", Collateral: "c", Surprise: "!", Lesser: "s"}

// Print writes the matrix as a table: a line a client, a column a requirement,
// which are numbered for want of room.
func (m Matrix) Print(out io.Writer) error {
	t := &table{out: out}
	t.head()
	for _, r := range m.Rows {
		t.row(r)
	}
	t.line("")
	t.line("X caught by what it violates   c falls with it, for a written reason   s a should or less   ! a surprise   · nothing")
	t.legend(m)
	return t.err
}

// table prints lines until one cannot be printed.
type table struct {
	out io.Writer
	err error
}

func (t *table) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.out, format+"\n", args...)
	}
}

func (t *table) head() {
	var tens, ones strings.Builder
	for i := range requirement.All() {
		fmt.Fprintf(&tens, "%d", (i+1)/10)
		fmt.Fprintf(&ones, "%d", (i+1)%10)
	}
	t.line("%-20s %s", "", strings.ReplaceAll(tens.String(), "0", " "))
	t.line("%-20s %s  cases", "", ones.String())
}

func (t *table) row(r Row) {
	var cells strings.Builder
	for _, q := range requirement.All() {
		cells.WriteString(r.cell(q.ID))
	}
	note := r.Wrong()
	if note == "" {
		note = r.Defect
	}
	t.line("%-20s %s %5d  %s", r.Name, cells.String(), r.Cases, note)
}

func (r Row) cell(id requirement.ID) string {
	for _, f := range r.Failures {
		if f.Requirement == id {
			return letters[f.Mark]
		}
	}
	return "·"
}

func (t *table) legend(m Matrix) {
	for i, q := range requirement.All() {
		var by []string
		for _, r := range m.Rows {
			if r.Violates == q.ID && r.Caught {
				by = append(by, r.Name)
			}
		}
		t.line("%2d %-28s %-13s %s", i+1, q.ID, q.Level, strings.Join(by, ", "))
	}
	t.line("")
	for _, id := range m.Uncovered {
		t.line("no client was caught by %s", id)
	}
	t.line("%s", m.summary())
}

func (m Matrix) summary() string {
	wrong, caught, odd, blamed, surprises := 0, 0, 0, 0, 0
	for _, r := range m.Rows {
		switch {
		case r.Correct && r.Wrong() != "":
			odd, blamed = odd+1, blamed+1
		case r.Correct:
			odd++
		default:
			wrong++
			if r.Caught {
				caught++
			}
			if r.Caught && r.Wrong() != "" {
				surprises++
			}
		}
	}
	return fmt.Sprintf("%d of %d mutants caught by what they violate, %d with surprises; %d of %d odd clients blamed", caught, wrong, surprises, blamed, odd)
}
