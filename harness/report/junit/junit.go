// Package junit writes the entries of a run as JUnit XML, which CI systems show
// as tests: a suite for each family of cases, a test for each case. A broken
// must is a failure; what could not be judged is an error; what the mode cannot
// express, the client does not support, or is known to fail, was skipped.
//
// It knows the form and nothing of how a run was made or judged.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/report/inert"
)

type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Time     seconds  `xml:"time,attr"`
	Suites   []*suite `xml:"testsuite"`
}

type suite struct {
	Name       string     `xml:"name,attr"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Skipped    int        `xml:"skipped,attr"`
	Time       seconds    `xml:"time,attr"`
	Properties []property `xml:"properties>property"`
	Cases      []testcase `xml:"testcase"`
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type testcase struct {
	Name      string  `xml:"name,attr"`
	ClassName string  `xml:"classname,attr"`
	Time      seconds `xml:"time,attr"`
	Failure   *remark `xml:"failure"`
	Error     *remark `xml:"error"`
	Skipped   *remark `xml:"skipped"`
	Out       string  `xml:"system-out"`
}

type remark struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// seconds is a time given in milliseconds.
type seconds int64

// MarshalText writes whole seconds, a point and thousandths.
func (s seconds) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%d.%03d", s/1000, s%1000), nil
}

// Write writes one document.
func Write(out io.Writer, run report.Summary, entries []report.Entry) error {
	all := suites{Name: inert.Line("gauntlet: " + run.Client)}
	families := map[string]*suite{}
	for _, e := range entries {
		s := families[e.Family]
		if s == nil {
			s = &suite{Name: e.Family, Properties: properties(run)}
			families[e.Family], all.Suites = s, append(all.Suites, s)
		}
		s.add(e)
	}
	for _, s := range all.Suites {
		all.Tests, all.Failures, all.Errors, all.Time = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors, all.Time+s.Time
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	if _, err = fmt.Fprintf(out, "%s%s\n", xml.Header, text); err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	return nil
}

func properties(run report.Summary) []property {
	return []property{
		{"client", inert.Line(run.Client)}, {"mode", inert.Line(string(run.Mode))}, {"seed", fmt.Sprint(run.Seed)},
		{"product", inert.Line(run.Product)}, {"edition", inert.Line(run.Edition)},
	}
}

func (s *suite) add(e report.Entry) {
	t := testcase{Name: e.Case, ClassName: "gauntlet." + e.Family, Time: seconds(e.WallMS), Out: e.Text}
	switch note := (&remark{Type: e.Status, Message: e.Reason}); {
	case e.Known != "":
		note.Message, s.Skipped, t.Skipped = "known: "+e.Known, s.Skipped+1, note
	case e.Is(oracle.Pass):
	case e.Is(oracle.Fail):
		note.Type, note.Text, t.Out = requirements(e), e.Text, ""
		s.Failures, t.Failure = s.Failures+1, note
	case e.Is(oracle.NotApplicable), e.Is(oracle.Unsupported):
		s.Skipped, t.Skipped = s.Skipped+1, note
	default:
		s.Errors, t.Error = s.Errors+1, note
	}
	s.Tests, s.Time, s.Cases = s.Tests+1, s.Time+t.Time, append(s.Cases, t)
}

// requirements names what was broken, without what only follows from another of them.
func requirements(e report.Entry) string {
	var causes, all []string
	for _, b := range e.Broken {
		all = append(all, string(b.Requirement))
		if !slices.ContainsFunc(e.Broken, func(o report.Broken) bool { return o.Requirement == b.ComesOf }) {
			causes = append(causes, string(b.Requirement))
		}
	}
	if len(causes) == 0 { // each is said to come of another: no result of ours, but one may be read
		causes = all
	}
	return strings.Join(causes, ", ")
}
