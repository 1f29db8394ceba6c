package site

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"gauntlet/harness/report"
	"gauntlet/harness/run/edition"
)

func run(client string, day, exit int, counts map[string]int, e string) Run {
	return Run{
		Summary: report.Summary{Client: client, Mode: "virtual", Seed: 1, Exit: exit, Counts: counts, Edition: e, Levels: []edition.Standing{{Level: "Core", Met: exit == report.Sound}}},
		Ended:   time.Date(2026, 11, day, 12, 30, 5, 7, time.UTC),
		Page:    func(out io.Writer) error { _, err := io.WriteString(out, "the report of "+client); return err },
	}
}

func text(t *testing.T, path ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestRunsAreAddedToThoseOfBefore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "site")
	first := run("mine", 3, report.Failed, map[string]int{"Pass": 8, "Fail": 2}, "2026.1")
	for _, runs := range [][]Run{{first}, {run("mine", 5, report.Sound, map[string]int{"Pass": 10, "NotApplicable": 4}, "2026.2"), run("other", 4, report.Unproved, map[string]int{"Blocked": 10}, "2026.1")}, {first}} {
		if err := Add(dir, runs); err != nil {
			t.Fatal(err)
		}
	}
	index := text(t, dir, "index.html")
	places := []string{"Edition 2026.2", "Edition 2026.1", ">mine</a>", "all 10 passed", "Core met", "2 of 10 failed", ">other</a>", "not concluded"}
	at := 0
	for _, p := range places {
		i := strings.Index(index[at:], p)
		if i < 0 {
			t.Fatalf("no %q in its place in\n%s", p, index)
		}
		at += i
	}
	history := text(t, dir, "clients", "mine.html")
	if newer, older := strings.Index(history, "2026-11-05"), strings.Index(history, "2026-11-03"); newer < 0 || older < newer || strings.Count(history, "<tr>") != 3 {
		t.Errorf("the newest stands first, and each once:\n%s", history)
	}
	if got := text(t, dir, "runs", "20261104-123005-other", "index.html"); got != "the report of other" {
		t.Error(got)
	}
}

// Every link of a page leads to a file of the site.
func TestLinksLeadSomewhere(t *testing.T) {
	dir := t.TempDir()
	if err := Add(dir, []Run{run("mutant:a b", 3, report.Failed, map[string]int{"Fail": 1}, "")}); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"index.html", "clients/" + report.OwnName("mutant:a b") + ".html"} {
		found := regexp.MustCompile(`(?:href|src)="([^"#]+)"`).FindAllStringSubmatch(text(t, dir, page), -1)
		if len(found) < 3 {
			t.Errorf("%s has %d links", page, len(found))
		}
		for _, link := range found {
			text(t, dir, filepath.Dir(page), link[1])
		}
	}
}

// Clients whose names differ in what no file name can keep have files of their own.
func TestClientsOfLikeNames(t *testing.T) {
	dir := t.TempDir()
	names := []string{"mutant:a b", "mutant-a-b", "mutant a:b", "…", "?"}
	var runs []Run
	for _, name := range names {
		runs = append(runs, run(name, 3, report.Sound, map[string]int{"Pass": 1}, ""))
	}
	if err := Add(dir, runs); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"runs", "clients", "badges"} {
		found, err := os.ReadDir(filepath.Join(dir, folder))
		if err != nil || len(found) != len(names) {
			t.Errorf("%d of %s for %d clients: %v", len(found), folder, len(names), err)
		}
	}
	if got := text(t, dir, "clients", "mutant-a-b.html"); !strings.Contains(got, "mutant-a-b</h1>") {
		t.Errorf("who can be called by its name is not:\n%s", got)
	}
}

func TestBadges(t *testing.T) {
	for _, c := range []struct {
		exit         int
		counts       map[string]int
		word, colour string
	}{
		{report.Sound, map[string]int{"Pass": 10}, "Core", "#17663a"},
		{report.Failed, map[string]int{"Pass": 8, "Fail": 2}, "2 of 10 failed", "#ab1c14"},
		{report.Failed, map[string]int{"Blocked": 2}, "a must is broken", "#ab1c14"},
		{report.Unproved, map[string]int{"Blocked": 2}, "not concluded", "#7d4b00"},
		{report.Unusable, map[string]int{"Broken": 2}, "not usable", "#7d4b00"},
	} {
		dir := t.TempDir()
		if err := Add(dir, []Run{run("mine", 3, c.exit, c.counts, "2026.1")}); err != nil {
			t.Fatal(err)
		}
		badge := text(t, dir, "badges", "mine.svg")
		if !strings.Contains(badge, `aria-label="Gauntlet: `+c.word+`"`) || !strings.Contains(badge, c.colour) {
			t.Errorf("no %q in %s in\n%s", c.word, c.colour, badge)
		}
		if err := xml.Unmarshal([]byte(badge), new(struct{})); err != nil {
			t.Error(err)
		}
	}
}

func TestForeignWordsDoNothing(t *testing.T) {
	dir, evil := t.TempDir(), "<script>alert(1)</script>\"'\x1b[2J\u202e"
	r := run(evil, 3, report.Sound, map[string]int{"Pass": 1}, evil)
	r.Summary.Levels[0].Level = evil
	if err := Add(dir, []Run{r}); err != nil {
		t.Fatal(err)
	}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || filepath.Base(filepath.Dir(filepath.Dir(path))) == "runs" && filepath.Ext(path) == ".html" {
			return err
		}
		if got := text(t, path); filepath.Ext(path) != ".json" && strings.Contains(got, "<script>") || strings.ContainsAny(got, "\x1b\u202e") {
			t.Errorf("%s acts:\n%s", path, got)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestSharesOfACase(t *testing.T) {
	k := kept{Summary: report.Summary{Counts: map[string]int{"Pass": 6, "Fail": 1, "Broken": 1, "Blocked": 2, "NotApplicable": 5}}}
	if want := []bar{{"fail", 0, 20}, {"open", 20, 20}, {"pass", 40, 60}}; !reflect.DeepEqual(k.Bars(), want) {
		t.Errorf("%v", k.Bars())
	}
}

func TestWhatGoesWrongIsSaid(t *testing.T) {
	full := errors.New("disk full")
	r := run("mine", 3, report.Sound, nil, "")
	r.Page = func(io.Writer) error { return full }
	if err := Add(t.TempDir(), []Run{r}); !errors.Is(err, full) {
		t.Error(err)
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "runs", "one"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Add(dir, nil); err == nil || !strings.Contains(err.Error(), "one") {
		t.Error(err)
	}
}
