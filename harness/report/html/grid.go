package html

import (
	"fmt"
	"html/template"
	"io"
)

// Grid is a page with one table: what became of many runs, by two things that they
// differ in.
type Grid struct {
	Title, Note string
	Corner      string // what the rows are, by what the columns are
	Columns     []string
	Rows        []GridRow
}

// GridRow is a line of a Grid.
type GridRow struct {
	Name  string
	Cells []GridCell // one a column
}

// GridCell is what became of some of the runs. Of one that can have none nothing is
// to be expected.
type GridCell struct {
	Runs, Passed, Failed, Excused, Unreached int
	Impossible                               bool
}

// Kind is how the cell looks: as its worst run.
func (c GridCell) Kind() string {
	switch {
	case c.Impossible:
		return "impossible"
	case c.Failed > 0:
		return "failed"
	case c.Runs == c.Unreached:
		return "empty"
	case c.Excused > 0:
		return "excused"
	}
	return "passed"
}

// Says is the cell in words.
func (c GridCell) Says() string {
	switch {
	case c.Impossible:
		return "it cannot strike there"
	case c.Runs == 0:
		return "never tried"
	}
	return fmt.Sprintf("%d run, %d passed, %d failed, %d excused, %d never reached", c.Runs, c.Passed, c.Failed, c.Excused, c.Unreached)
}

// WriteGrid writes the page: a file without a script, that needs no network.
func WriteGrid(out io.Writer, g Grid) error {
	t, err := template.ParseFS(files, "page/grid.gohtml")
	if err != nil {
		return err
	}
	return t.Execute(out, g)
}
