package html

// Grid is what became of many runs, by two things that they differ in: a page of its
// own in the report, to which the first page leads.
type Grid struct {
	Corner  string    `json:"corner"` // what the rows are, by what the columns are
	Columns []string  `json:"columns"`
	Rows    []GridRow `json:"rows"`
}

// GridRow is a line of a Grid.
type GridRow struct {
	Name  string     `json:"name"`
	Cells []GridCell `json:"cells"` // one a column
}

// GridCell is what became of some of the runs. Where there can be none nothing is to
// be expected.
type GridCell struct {
	Runs       int  `json:"runs,omitempty"`
	Passed     int  `json:"passed,omitempty"`
	Failed     int  `json:"failed,omitempty"`
	Excused    int  `json:"excused,omitempty"`
	Unreached  int  `json:"unreached,omitempty"`
	Impossible bool `json:"impossible,omitempty"`
}
