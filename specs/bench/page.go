//go:build unix

package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"
)

//go:embed page.html
var pageText string

// plot is one figure of the rows whose names begin alike, in one drawing for
// each group of them.
type plot struct {
	Title, Caption string
	prefix, unit   string
	label          string // the part of a name that tells the bars of a drawing apart
}

func plots() []plot {
	return []plot{
		{"Requests a second", "Longer is better.", "Box/", "req/s", "box"},
		{"What 99 of 100 requests take", "Milliseconds; shorter is better.", "Box/", "p99-ms", "box"},
		{"The middle request takes", "Milliseconds; shorter is better.", "Box/", "p50-ms", "box"},
		{"Processor time a request", "Microseconds, of the box alone; shorter is better.", "Box/", "cpu-µs/req", "box"},
		{"Sessions a second of processor time", "Sign-in, 30 polls and OUT in virtual time; longer is better.", "Session/", "sessions/cpu-s", "by"},
		{"Processor time a poll", "Microseconds of the server, thousands of sessions polling every two seconds; shorter is better.", "Poll/", "cpu-µs/poll", "by"},
		{"Memory a session", "KiB of heap and stacks while they poll; shorter is better.", "Poll/", "KiB/session", "by"},
		{"Memory of a command's worker", "MiB at the most; shorter is better.", "Command/", "worker-MiB", "of"},
		{"Memory of a command", "MiB at the most; shorter is better.", "Command/", "parent-MiB", "of"},
		{"Time of a command", "Seconds; shorter is better.", "Command/", "wall-s", "of"},
	}
}

// drawing is a chart of bars.
type drawing struct {
	Name   string
	Height int
	Bars   []bar
}

// bar is one row of a drawing, in its coordinates: the median, and the least and
// most of the turns.
type bar struct {
	Label, Text           string
	Y, Width, Least, Most float64
	Ours                  bool
}

// The coordinates of a drawing: where the bars begin, how long the longest is,
// and how far apart they are.
const barsAt, longest, barStep = 112, 168, 22

// drawings are those of a plot, by what remains of the rows' names.
func (p plot) drawings(rows []*row) (all []drawing) {
	groups := map[string][]*row{}
	var order []string
	for _, r := range rows {
		if strings.HasPrefix(r.Name, p.prefix) && r.turns[p.unit] != nil {
			_, group := p.split(r.Name)
			if groups[group] == nil {
				order = append(order, group)
			}
			groups[group] = append(groups[group], r)
		}
	}
	for _, group := range order {
		all = append(all, p.draw(group, groups[group]))
	}
	return all
}

// split parts a row's name into the bar's label and the rest.
func (p plot) split(name string) (label, group string) {
	var rest []string
	for _, part := range strings.Split(strings.TrimPrefix(name, p.prefix), "/") {
		key, value, has := strings.Cut(part, "=")
		switch {
		case key == p.label:
			label = value
		case has:
			rest = append(rest, key+" "+value)
		default:
			rest = append(rest, part)
		}
	}
	return label, strings.Join(rest, ", ")
}

func (p plot) draw(group string, rows []*row) drawing {
	most := 0.0
	for _, r := range rows {
		most = max(most, slices.Max(r.turns[p.unit]))
	}
	scale := longest / max(most, math.SmallestNonzeroFloat32)
	d := drawing{Name: group, Height: len(rows)*barStep + 4}
	for i, r := range rows {
		v := r.turns[p.unit]
		label, _ := p.split(r.Name)
		d.Bars = append(d.Bars, bar{
			Label: label, Text: figure(median(v)), Y: float64(i * barStep), Width: median(v) * scale,
			Least: barsAt + slices.Min(v)*scale, Most: barsAt + slices.Max(v)*scale, Ours: slices.Contains(ours(), label),
		})
	}
	return d
}

// ours are the bars of the project's own.
func ours() []string {
	return []string{"forward", "gauntlet-proxy", "relay", "gateway", "gauntlet", "certify", "report", "day"}
}

// shown is a plot with its drawings.
type shown struct {
	plot
	Drawings []drawing
}

func (t *table) page(w io.Writer) error {
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return err
	}
	var all []shown
	for _, p := range plots() {
		if d := p.drawings(t.rows); d != nil {
			all = append(all, shown{p, d})
		}
	}
	return page.Execute(w, map[string]any{"Goals": t.goals(), "Skipped": t.skipped, "Plots": all, "Curves": t.curves(), "Rows": t.rows})
}

// Figures are a row's medians in words.
func (r *row) Figures() (all []string) {
	for _, unit := range r.units {
		all = append(all, fmt.Sprintf("%s %s", figure(r.median(unit)), unit))
	}
	return all
}
