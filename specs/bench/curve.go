//go:build unix

package main

import (
	"fmt"
	"math"
	"strings"
)

// curve shows how the cost of something grows with its number.
type curve struct {
	Of, Power    string
	Points       []point
	Line, Linear string // as SVG wants its points
}

// point is a size and what it costs, in the coordinates of a drawing.
type point struct {
	N           int
	Text        string
	X, Y, Above float64
}

// The coordinates of a curve: where it begins, how wide and high it is at most.
const curveX, curveTop, curveWidth, curveHeight = 30, 30, 270, 120

// curves are those of what grows, each over the sizes that were measured.
func (t *table) curves() (all []curve) {
	const unit = "cpu-ms"
	for _, r := range t.rows {
		rest, is := strings.CutPrefix(r.Name, "Growth/of=")
		of, size, has := strings.Cut(rest, "/n=")
		if !is || !has {
			continue
		}
		if len(all) == 0 || all[len(all)-1].Of != of {
			all = append(all, curve{Of: of, Power: figure(t.row("Growth/of=" + of + "/power").median(unit + "-power"))})
		}
		var n int
		_, _ = fmt.Sscan(size, &n) // we wrote it
		v := r.median(unit)
		c := &all[len(all)-1]
		c.Points = append(c.Points, point{N: n, Text: figure(v), Y: v})
	}
	for i := range all {
		all[i].place()
	}
	return all
}

// place gives the points their coordinates: both axes by powers of two, and
// alike, so that what grows in step goes up as the diagonal does.
func (c *curve) place() {
	first, last := c.Points[0], c.Points[len(c.Points)-1]
	across := math.Log2(float64(last.N) / float64(first.N))
	up := across
	for _, p := range c.Points {
		up = max(up, math.Log2(p.Y/first.Y))
	}
	at := func(n, cost float64) (x, y float64) {
		x = curveX + curveWidth*math.Log2(n/float64(first.N))/across
		return x, curveTop + curveHeight*(1-math.Log2(cost/first.Y)/up)
	}
	var line []string
	for i := range c.Points {
		p := &c.Points[i]
		p.X, p.Y = at(float64(p.N), p.Y)
		p.Y = min(p.Y, curveTop+curveHeight)
		p.Above = p.Y - 10
		line = append(line, fmt.Sprintf("%.1f,%.1f", p.X, p.Y))
	}
	c.Line = strings.Join(line, " ")
	x, y := at(float64(last.N), first.Y*float64(last.N)/float64(first.N))
	c.Linear = fmt.Sprintf("%d,%d %.1f,%.1f", curveX, curveTop+curveHeight, x, y)
}
