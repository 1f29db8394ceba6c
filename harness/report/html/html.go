// Package html writes a report for people: one file that a browser opens from
// the disk, without a network. It has an overview, what was required and which
// boxes it met, every case with its clients side by side, and for each a
// diagram, a timeline and the bytes.
//
// The file is a page (the folder page, about as much script as there is Go
// here) and data: an index, and chunks of a few cases, which have much in common,
// each as JSON, gzip and base64. The page unpacks a chunk when a case of it is
// looked at. That keeps the
// report of thousands of runs small and quick to open, in one file that can be
// sent around; and nothing that a client chose is ever part of the page's HTML.
//
// The package knows histories and results, and judges nothing. The command
// imports it. Write starts goroutines and waits for them.
package html

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"gauntlet/harness/report"
	"gauntlet/harness/report/redact"
	"gauntlet/harness/run/rig"
)

// Page is what a report is about.
type Page struct {
	Title string // the name of the clients, if empty
	Runs  []Run
	// Changes makes it a comparison of two runs: what became of the cases between
	// the first and the second.
	Changes []report.Difference
	Secrets redact.Options // what is masked beside passwords and tickets
}

// Run is one client's way through the cases.
type Run struct {
	Summary report.Summary
	Dir     string   // where the histories are
	Beside  []string // directories with more files of the cases
	Swept   *Grid    // what a sweep has covered; nil: it was none
	Cases   []Case
}

// Case is one case of a run.
type Case struct {
	Result  rig.Result
	History func() ([]byte, error) // in the form in which it is stored
	Files   []File                 // what lies on the disk of it
}

// File is one that a case leads to.
type File struct {
	Name    string `json:"name"`
	Address string `json:"address"` // relative to the page's
}

// Of is the run of outcomes that are at hand; those without a history have theirs
// in the run directory.
func Of(s report.Summary, dir string, outcomes []rig.Outcome) Run {
	r := Run{Summary: s, Dir: dir}
	for _, o := range outcomes {
		c := Case{Result: o.Result, History: o.History}
		if o.Events == nil && o.Stored == nil {
			c.History = report.RunDir{Path: dir}.Stored(o.Result).History
		}
		r.Cases = append(r.Cases, c)
	}
	return r
}

// OfStored is the run of a run directory, or a part of it, with the verdicts
// that stand there.
func OfStored(s report.Summary, dir string, cases []report.Stored) Run {
	r := Run{Summary: s, Dir: dir}
	r.Summary.Counts = map[string]int{}
	for _, c := range cases {
		r.Summary.Counts[c.Result.Status.String()]++
		r.Cases = append(r.Cases, Case{Result: c.Result, History: c.History})
	}
	return r
}

// perChunk is the number of cases that are packed together: more make the page
// smaller, and a case slower to open.
const perChunk = 16

// Write writes the report. A history that cannot be read is said in its case's
// place; the error is the writer's.
func Write(out io.Writer, p Page) error {
	p = p.tame()
	groups := groupCases(p.Runs)
	whole := planWhole(p, groups)
	entries, packer := make([]entry, len(groups)), &packer{}
	chunks := make([]string, (len(groups)+perChunk-1)/perChunk)
	err := report.EachAtOnce(len(chunks), func(i int) (err error) {
		var cases [][]*detail // of each, what each client made of it
		for place := i * perChunk; place < min(len(groups), (i+1)*perChunk); place++ {
			var details []*detail
			entries[place], details = groups[place].describe(whole, p.Secrets)
			cases = append(cases, details)
		}
		chunks[i], err = packer.pack(cases)
		return err
	})
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	index, err := packer.pack(indexOf(p, entries))
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	buffered := bufio.NewWriter(out)
	err = errors.Join(writePage(buffered, p, named(index, chunks)), buffered.Flush())
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// named are the data of the page, by the names under which its script looks for
// them.
func named(index string, chunks []string) iter.Seq2[string, string] {
	return func(yield func(name, text string) bool) {
		more := yield("index", index)
		for i := 0; more && i < len(chunks); i++ {
			more = yield(fmt.Sprintf("chunk-%d", i), chunks[i])
		}
	}
}

// group is one case with what each run made of it; nil where a run lacks it.
type group struct {
	id   string
	runs []*Case
}

// groupCases puts the runs side by side, in the order of the ids.
func groupCases(runs []Run) []group {
	place := map[string]int{}
	var groups []group
	for n := range runs {
		for i := range runs[n].Cases {
			c := &runs[n].Cases[i]
			at, known := place[c.Result.ID]
			if !known {
				at = len(groups)
				place[c.Result.ID] = at
				groups = append(groups, group{c.Result.ID, make([]*Case, len(runs))})
			}
			groups[at].runs[n] = c
		}
	}
	slices.SortFunc(groups, func(a, b group) int { return cmp.Compare(a.id, b.id) })
	return groups
}

// title is what the page is called.
func (p Page) title() string {
	if p.Title != "" {
		return p.Title
	}
	var clients []string
	for _, r := range p.Runs {
		clients = append(clients, r.Summary.Client)
	}
	return strings.Join(clients, ", ")
}
