package junit

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"
	"testing"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/report"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// entry is that of a case in a file, ended so.
func entry(file, id string, status oracle.Status, known string) report.Entry {
	r := rig.Result{ID: id, Title: "a title", Status: status, Reason: "because", Known: known, Wall: 1234}
	if status == oracle.Fail {
		r.Verdicts = []oracle.Verdict{
			{Requirement: "open.begins", Level: requirement.Must, Status: oracle.Fail, Reason: "because"},
			{Requirement: "poll.pace", Level: requirement.Should, Status: oracle.Fail, Reason: "slow"},
		}
	}
	return report.NewEntry(rig.Outcome{Case: catalogue.Case{ID: id, File: "cases/" + file + ".yaml"}, Result: r})
}

// UnmarshalText reads what MarshalText wrote.
func (s *seconds) UnmarshalText(text []byte) error {
	f, err := strconv.ParseFloat(string(text), 64)
	*s = seconds(math.Round(f * 1000))
	return err
}

// A failure is called by what was broken first, not by what follows from it.
func TestCauseIsTheFailure(t *testing.T) {
	for want, verdicts := range map[string][]oracle.Verdict{
		"connection.recovers, close.says-out": {
			{Requirement: "command.not-lost", ComesOf: "connection.recovers", Exchanges: []int{1}},
			{Requirement: "connection.recovers", Exchanges: []int{2}},
			{Requirement: "close.says-out", ComesOf: "poll.pace", Exchanges: []int{3}}, // which is no must, and not listed
		},
		"exchange.one-in-flight": { // the same exchanges show both
			{Requirement: "exchange.one-in-flight", Exchanges: []int{1, 2}}, {Requirement: "poll.keeps-going", Exchanges: []int{1, 2}},
		},
		"connection.session-survives": { // one after the other
			{Requirement: "connection.session-survives", Exchanges: []int{1}}, {Requirement: "command.carried-out", Exchanges: []int{1}},
			{Requirement: "command.not-lost", ComesOf: "command.carried-out", Exchanges: []int{2}},
		},
		"command.not-lost, connection.recovers": { // nobody writes such a result
			{Requirement: "command.not-lost", ComesOf: "connection.recovers", Exchanges: []int{1}},
			{Requirement: "connection.recovers", ComesOf: "command.not-lost", Exchanges: []int{2}},
		},
	} {
		r := rig.Result{ID: "a", Status: oracle.Fail}
		for _, v := range verdicts {
			v.Level, v.Status = requirement.Must, oracle.Fail
			r.Verdicts = append(r.Verdicts, v)
		}
		var out strings.Builder
		if err := Write(&out, report.Summary{}, []report.Entry{report.NewEntry(rig.Outcome{Result: r})}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), `<failure type="`+want+`"`) {
			t.Errorf("%s: %s", want, out.String())
		}
	}
}

func TestWrite(t *testing.T) {
	var out strings.Builder
	err := Write(&out, report.Summary{Client: "a <client>\u202e", Product: "\u202e", Mode: rig.Virtual, Seed: 3}, []report.Entry{
		entry("cuts", "a", oracle.Pass, ""), entry("cuts", "b", oracle.Fail, ""), entry("cuts", "c", oracle.Fail, "we know"),
		entry("routes", "d", oracle.NotApplicable, ""), entry("routes", "e", oracle.Unsupported, ""),
		entry("routes", "f", oracle.Inconclusive, ""), entry("routes", "g", oracle.Broken, ""), entry("routes", "h", oracle.Blocked, ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got suites
	if err := xml.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatalf("no XML: %v\n%s", err, out.String())
	}
	if got.Name != `gauntlet: a <client>\u202e` || got.Tests != 8 || got.Failures != 1 || got.Errors != 3 || len(got.Suites) != 2 {
		t.Errorf("%+v", got)
	}
	if s := got.Suites[0]; s.Name != "cuts" || s.Tests != 3 || s.Failures != 1 || s.Skipped != 1 || s.Errors != 0 {
		t.Errorf("%+v", s)
	}
	if s := got.Suites[1]; s.Name != "routes" || s.Tests != 5 || s.Failures != 0 || s.Skipped != 2 || s.Errors != 3 {
		t.Errorf("%+v", s)
	}
	failed := got.Suites[0].Cases[1]
	if failed.Failure == nil || failed.Failure.Type != "open.begins" || failed.Failure.Message != "because" || failed.ClassName != "gauntlet.cuts" {
		t.Errorf("a broken must is the failure, and a should is not: %+v", failed)
	}
	if known := got.Suites[0].Cases[2]; known.Skipped == nil || known.Skipped.Message != "known: we know" {
		t.Errorf("%+v", known)
	}
	if strings.Contains(out.String(), "\u202e") {
		t.Error("what turns a line round is not escaped")
	}
	if !strings.Contains(out.String(), `time="1.234"`) {
		t.Error("times are seconds with thousandths")
	}
}
