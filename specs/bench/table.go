//go:build unix

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
)

// table is what was measured, in the order in which it was.
type table struct {
	rows    []*row
	skipped []skipped
	aims    []aim
}

// row is one name with its figures.
type row struct {
	Name  string
	units []string
	turns map[string][]float64 // by unit
}

// skipped is what could not be measured, and why.
type skipped struct{ Name, Why string }

// aim is what a figure is to come to.
type aim struct {
	Name, Unit string
	limit      float64
	kind       kind
}

// kind is on which side of its limit a figure is to be.
type kind string

const (
	atLeast kind = "≥"
	atMost  kind = "≤"
)

// row is the one of a name, a new one if there is none.
func (t *table) row(name string) *row {
	for _, r := range t.rows {
		if r.Name == name {
			return r
		}
	}
	r := &row{Name: name, turns: map[string][]float64{}}
	t.rows = append(t.rows, r)
	return r
}

// add adds a turn's figure.
func (t *table) add(name, unit string, figure float64) {
	r := t.row(name)
	if !slices.Contains(r.units, unit) {
		r.units = append(r.units, unit)
	}
	r.turns[unit] = append(r.turns[unit], figure)
}

// compare adds the ratios of turns, each with its own neighbour.
func (t *table) compare(name, unit string, ours, theirs []float64) {
	for i := range ours {
		t.add(name, unit, ours[i]/theirs[i])
	}
}

func (t *table) skip(name, why string) {
	t.skipped = append(t.skipped, skipped{name, strings.Join(strings.Fields(why), " ")})
}

// aim says what a row's median is to come to; a limit of 0 is none.
func (t *table) aim(name, unit string, limit float64, k kind) {
	if limit != 0 {
		t.aims = append(t.aims, aim{name, unit, limit, k})
	}
}

// median is that of a row's turns.
func (r *row) median(unit string) float64 { return median(r.turns[unit]) }

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

// figure is a number as it is printed: four digits that count.
func figure(v float64) string {
	digits := 3 - int(math.Floor(math.Log10(cmp.Or(math.Abs(v), 1))))
	return fmt.Sprintf("%.*f", min(max(digits, 0), 4), v)
}

// line is a row in the format of Go's benchmarks, of what pick chooses of each
// unit's turns; empty if that is nothing.
func (r *row) line(pick func([]float64) (float64, bool)) string {
	var line strings.Builder
	for _, unit := range r.units {
		if v, ok := pick(r.turns[unit]); ok {
			fmt.Fprintf(&line, "\t%s %s", figure(v), unit)
		}
	}
	if line.Len() == 0 {
		return ""
	}
	return fmt.Sprintf("Benchmark%s-%d\t%d%s\n", r.Name, runtime.GOMAXPROCS(0), len(r.turns[r.units[0]]), line.String())
}

// head is what benchstat knows a file by, and which way is better.
func head() string {
	return fmt.Sprintf("goos: %s\ngoarch: %s\npkg: gauntlet/specs/bench\n", runtime.GOOS, runtime.GOARCH) +
		"Unit req/s better=higher\nUnit sessions/cpu-s better=higher\nUnit ratio better=higher\n"
}

// all writes a line for each turn of each row.
func (t *table) all(w io.Writer) error {
	text := head()
	for _, r := range t.rows {
		for i := 0; ; i++ {
			line := r.line(func(v []float64) (float64, bool) {
				if i >= len(v) {
					return 0, false
				}
				return v[i], true
			})
			if line == "" {
				break
			}
			text += line
		}
	}
	_, err := io.WriteString(w, text+t.notes())
	return err
}

// medians writes one line for each row, in columns.
func (t *table) medians(w io.Writer) error {
	columns := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprint(columns, head())
	for _, r := range t.rows {
		fmt.Fprint(columns, r.line(func(v []float64) (float64, bool) { return median(v), true }))
	}
	fmt.Fprint(columns, t.notes())
	return columns.Flush()
}

// notes are lines that benchstat passes over: what is missing, and the aims.
func (t *table) notes() string {
	var text strings.Builder
	for _, s := range t.skipped {
		fmt.Fprintf(&text, "# skipped: %s: %s\n", s.Name, s.Why)
	}
	for _, g := range t.goals() {
		fmt.Fprintf(&text, "# aim %s: %s: %s %s, to be %s %s\n", g.Word(), g.Name, g.Figure, g.Unit, g.kind, figure(g.limit))
	}
	return text.String()
}

// goal is an aim and what came of it.
type goal struct {
	aim
	value  float64
	Figure string
	Met    bool
}

// Words are the row's name as one would say it.
func (g goal) Words() string {
	return strings.NewReplacer("Rate/of=", "", "Cost/of=", "", "Growth/of=", "growth with ", "/power", "", "Command/of=", "", "Poll/by=", "", "/by=", " against ", "/connections=", ", connections: ", "/", ", ", "=", ": ").Replace(g.Name)
}

// Word says whether it is met.
func (g goal) Word() string {
	if g.Met {
		return "met"
	}
	return "missed"
}

// Wanted is the aim in words.
func (g goal) Wanted() string { return fmt.Sprintf("%s %s", g.kind, figure(g.limit)) }

func (t *table) goals() (all []goal) {
	for _, a := range t.aims {
		v := t.row(a.Name).median(a.Unit)
		all = append(all, goal{a, v, figure(v), a.kind == atLeast && v >= a.limit || a.kind == atMost && v <= a.limit})
	}
	return all
}

// publish prints the table and writes its files.
func (t *table) publish(w io.Writer, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return errors.Join(t.medians(w), writeFile(filepath.Join(dir, "bench.txt"), t.all), writeFile(filepath.Join(dir, "bench.html"), t.page))
}

func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
