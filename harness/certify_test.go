package harness_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gauntlet/fixtures"
	"gauntlet/harness"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/mutants"
	"gauntlet/harness/report"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/workload"
)

func TestTheBuiltInClient(t *testing.T) {
	harness.Certify(t, harness.Options{
		Catalogue: fixtures.Files(), Client: builtin.New(),
		Cases: []string{"cut-message-*-forward", "control-direct"},
	})
}

const short = `
id: short-${box}
title: a look at real sockets
why: a case of one's own, for what the catalogue lacks.
proves: [command.carried-out]
matrix:
  box: {forward: forward port 8080, intercept: intercept}
chain: ["${box}"]
workload: [sign in, stay 1s, sign out]
`

// own is a catalogue of one file; the boxes are ours.
func own(t *testing.T, cases string) fs.FS {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, fixtures.Files()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir + "/cases"); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir+"/cases", fstest.MapFS{"own.yaml": {Data: []byte(cases)}}); err != nil {
		t.Fatal(err)
	}
	return os.DirFS(dir)
}

func TestTheBuiltInClientInRealTime(t *testing.T) {
	harness.Certify(t, harness.Options{
		Catalogue: own(t, short), Client: builtin.New(), Mode: rig.Loopback,
		Cases: []string{"short-forward"},
	})
}

func TestWhatTheModeCannotExpressIsSkipped(t *testing.T) {
	p, err := harness.NewPlan(harness.Options{
		Catalogue: own(t, short), Client: builtin.New(), Mode: rig.Loopback,
		Cases: []string{"short-intercept"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if f := p.Explain(p.Judge(t, p.Cases[0], "")); f.Failed || !f.Skipped || !strings.Contains(f.Text, "interception") {
		t.Error(f)
	}
}

// plan is a certification of one case.
func plan(t *testing.T, f adapter.Factory, id string, known ...catalogue.Known) (*harness.Plan, catalogue.Case) {
	t.Helper()
	p, err := harness.NewPlan(harness.Options{Catalogue: fixtures.Files(), Client: f, Cases: []string{id}, Known: known})
	if err != nil {
		t.Fatal(err)
	}
	return p, p.Cases[0]
}

func mutant(t *testing.T, name string) adapter.Factory {
	t.Helper()
	m, known := mutants.Named(name)
	if !known {
		t.Fatal(name)
	}
	return m.New
}

func TestAFailureIsExplained(t *testing.T) {
	p, c := plan(t, mutant(t, "doubles"), "cut-message-answer-rst-forward")
	o := p.Judge(t, c, "go test -run it")
	if o.Result.Status != oracle.Fail || o.Result.Controls.Direct == nil || o.Result.Controls.Box == nil {
		t.Errorf("%s: %s, controls %v", o.Result.Status, o.Result.Reason, o.Result.Controls)
	}
	f := p.Explain(o)
	for _, want := range []string{"command.not-doubled", "because", "connection 2", "reproduce  go test -run it"} {
		if !f.Failed || !strings.Contains(f.Text, want) {
			t.Errorf("no %q in\n%s", want, f.Text)
		}
	}
}

// impassable is a world in which nobody can sign in.
const impassable = `
id: impassable
title: nobody has accepted the terms
why: what nobody can do is no client's fault
proves: [command.carried-out]
chain: [portal]
workload: [sign in, stay 5s, sign out]
`

// The reference client is asked whether anybody could, as the command does.
func TestWhatNobodyCanDoIsNoFailure(t *testing.T) {
	p, err := harness.NewPlan(harness.Options{Catalogue: own(t, impassable), Client: mutant(t, "gives-up")})
	if err != nil {
		t.Fatal(err)
	}
	if o := p.Judge(t, p.Cases[0], ""); o.Result.Status != oracle.Blocked || !strings.Contains(o.Result.Reason, "nobody gets through here") {
		t.Errorf("%s: %s", o.Result.Status, o.Result.Reason)
	}
}

// A must that is broken in a simpler world fails the first case that stands on it,
// though that passes, and no other.
func TestAFailureInASimplerWorldIsToldOnce(t *testing.T) {
	p, err := harness.NewPlan(harness.Options{Catalogue: fixtures.Files(), Client: mutant(t, "pings"), Cases: []string{"control-forward-8080", "control-forward-3128"}})
	if err != nil {
		t.Fatal(err)
	}
	var told []harness.Finding
	for _, c := range p.Cases {
		o := p.Judge(t, c, "alone")
		if o.Result.Status != oracle.Pass {
			t.Errorf("%s: %s: %s", c.ID, o.Result.Status, o.Result.Reason)
		}
		told = append(told, p.Explain(o))
	}
	if !told[0].Failed || !strings.Contains(told[0].Text, "since undisturbed: command.no-png") || told[1].Failed {
		t.Errorf("%+v", told)
	}
}

func TestKnownFailures(t *testing.T) {
	entry := catalogue.Known{Case: "cut-message-answer-*", Reason: "says it twice"}
	p, c := plan(t, mutant(t, "doubles"), "cut-message-answer-rst-forward", entry)
	if f := p.Explain(p.Judge(t, c, "")); f.Failed || f.Text != "known: says it twice" {
		t.Error(f)
	}
	p, c = plan(t, builtin.New(), "cut-message-answer-rst-forward", entry)
	if f := p.Explain(p.Judge(t, c, "")); !f.Failed || !strings.Contains(f.Text, "take it off the list") {
		t.Error(f)
	}
}

// idle is a client that does nothing but what Do is told to.
type idle struct {
	do    func(context.Context, workload.Verb) error
	close func()
}

func (i idle) Do(ctx context.Context, task adapter.Task) error { return i.do(ctx, task.Step.Verb) }
func (i idle) Close()                                          { i.close() }

func TestAClientWithSocketsOfItsOwnIsTold(t *testing.T) {
	p, c := plan(t, func(adapter.Setup) (adapter.Client, error) {
		return idle{func(context.Context, workload.Verb) error { return context.DeadlineExceeded }, func() {}}, nil
	}, "control-direct")
	if f := p.Explain(p.Judge(t, c, "")); !f.Failed || !strings.Contains(f.Text, "rig.Loopback") {
		t.Error(f)
	}
}

func TestWhatIsLeftBehindIsTheClients(t *testing.T) {
	built := builtin.New()
	p, c := plan(t, func(s adapter.Setup) (adapter.Client, error) {
		inner, err := built(s)
		go func() { <-make(chan int) }()
		return inner, err
	}, "control-direct")
	o := p.Judge(t, c, "")
	if o.Result.Status != oracle.Fail || !strings.Contains(o.Result.Reason, "left behind") || !strings.Contains(o.Result.Reason, "harness_test") {
		t.Errorf("%s: %s", o.Result.Status, o.Result.Reason)
	}
	p, c = plan(t, built, "control-direct")
	if o := p.Judge(t, c, ""); o.Result.Status != oracle.Pass {
		t.Errorf("the next case: %s: %s", o.Result.Status, o.Result.Reason)
	}
}

func TestMistakes(t *testing.T) {
	built := builtin.New()
	for want, o := range map[string]harness.Options{
		"Options.Client":    {Catalogue: fixtures.Files()},
		"Options.Catalogue": {Client: built},
		"no mode":           {Client: built, Catalogue: fixtures.Files(), Mode: "dream"},
		"no case matches":   {Client: built, Catalogue: fixtures.Files(), Cases: []string{"nothing-*"}},
		"fits no case":      {Client: built, Catalogue: fixtures.Files(), Known: report.KnownFailures{{Case: "x", Reason: "y"}}},
	} {
		if _, err := harness.NewPlan(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestRealTimeTakesOneOfEachClass(t *testing.T) {
	o := harness.Options{Catalogue: fixtures.Files(), Client: builtin.New()}
	all, err := harness.NewPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	o.Mode = rig.Loopback
	some, err := harness.NewPlan(o)
	if err != nil || len(some.Cases) == 0 || 2*len(some.Cases) > len(all.Cases) {
		t.Errorf("%d of %d cases, %v", len(some.Cases), len(all.Cases), err)
	}
	for _, c := range some.Cases {
		if c.Workload.Length() > time.Minute {
			t.Error(c.ID, "is too long")
		}
	}
}

// What Certify leaves is what the command leaves.
func TestARunIsLeftWithItsReports(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "mine.yaml")
	if err := os.WriteFile(mine, []byte(strings.ReplaceAll(short, "short-", "mine-")), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GITHUB_STEP_SUMMARY", filepath.Join(dir, "summary.md"))
	o := harness.Options{
		Catalogue: fixtures.Files(), Client: builtin.New(), Name: "mine", Cases: []string{"control-direct"}, Files: []string{mine},
		Out: filepath.Join(dir, "run"), JUnit: filepath.Join(dir, "junit.xml"), HTML: true,
	}
	if !t.Run("cases", func(t *testing.T) { harness.Certify(t, o) }) {
		t.Fatal("the built-in client failed")
	}
	summary, err := report.ReadSummary(o.Out)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"control-direct", "mine-forward", "mine-intercept"}; !slices.Equal(summary.Cases, want) || summary.Client != "mine" || summary.Exit != report.Sound {
		t.Errorf("%+v", summary)
	}
	for name, holds := range map[string]string{"junit.xml": "mine-forward", "summary.md": "Gauntlet: mine, sound", "run/report.html": "<title>mine", "run/cases/mine-forward/history.jsonl": "mine-forward", "run/cases/control-direct/result.json": "go test -run"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(text), holds) {
			t.Errorf("%s: %v, no %q in %.300s", name, err, holds, text)
		}
	}
	if _, err := harness.NewPlan(o); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a second run there: %v", err)
	}
	o.Out = ""
	if _, err := harness.NewPlan(o); err == nil || !strings.Contains(err.Error(), "Options.Out") {
		t.Errorf("reports of no run: %v", err)
	}
	o.JUnit, o.HTML = "", false
	if _, err := harness.NewPlan(o); err != nil {
		t.Errorf("a summary needs no directory: %v", err)
	}
	o.Cases = []string{"mine-*"}
	if _, err := harness.NewPlan(o); err == nil {
		t.Error("the catalogue has no such case")
	}
	o.Cases, o.Files = []string{"control-direct"}, []string{mine, mine}
	if _, err := harness.NewPlan(o); err == nil || !strings.Contains(err.Error(), "another id") {
		t.Errorf("twice the same case: %v", err)
	}
}
