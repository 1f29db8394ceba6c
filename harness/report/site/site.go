// Package site keeps a static site of runs over time: which client stands how
// with which edition, what became of each client from run to run, the report of
// every run, and a badge for each client. It is files alone, fit for a host of
// pages such as GitHub's; runs are added to what lies there already.
//
// The command imports it. It starts no goroutines.
package site

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/rig"
)

//go:embed pages
var files embed.FS

// Run is one that is added to a site.
type Run struct {
	Summary report.Summary
	Ended   time.Time
	Page    func(io.Writer) error // writes its report
}

// kept is what a site keeps of a run, beside its report.
type kept struct {
	report.Summary
	Ended  time.Time `json:"ended"`
	folder string
}

const runsFolder, keptName = "runs", "run.json"

// Add adds runs to the site in a directory, which may be new, and draws it anew.
func Add(dir string, runs []Run) error {
	for _, r := range runs {
		if err := add(dir, r); err != nil {
			return fmt.Errorf("site %s: %w", dir, err)
		}
	}
	all, err := read(dir)
	if err == nil {
		err = newDrawing(dir).draw(all)
	}
	if err != nil {
		return fmt.Errorf("site %s: %w", dir, err)
	}
	return nil
}

// add stores a run. One that is there already takes its own place.
func add(dir string, r Run) error {
	r.Summary.Cases = nil
	k := kept{Summary: r.Summary, Ended: r.Ended.UTC().Truncate(time.Second)}
	folder := filepath.Join(dir, runsFolder, k.Ended.Format("20060102-150405")+"-"+k.File())
	if err := report.WriteFile(filepath.Join(folder, "index.html"), r.Page); err != nil {
		return err
	}
	return report.WriteFile(filepath.Join(folder, keptName), func(out io.Writer) error { return report.JSON(out, k) })
}

// read are the runs of a site, the newest first.
func read(dir string) (all []kept, err error) {
	folders, err := os.ReadDir(filepath.Join(dir, runsFolder))
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		text, err := report.ReadRegular(filepath.Join(dir, runsFolder, folder.Name(), keptName))
		k := kept{folder: folder.Name()}
		if err == nil {
			err = json.Unmarshal(text, &k)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", folder.Name(), err)
		}
		k.Edition, k.Mode = inert.Line(k.Edition), rig.Mode(inert.Line(string(k.Mode)))
		all = append(all, k)
	}
	slices.SortStableFunc(all, func(a, b kept) int { return cmp.Or(b.Ended.Compare(a.Ended), cmp.Compare(a.folder, b.folder)) })
	return all, nil
}

// count is how many cases ended in one of some ways.
func (k kept) count(statuses ...oracle.Status) (n int) {
	for _, s := range statuses {
		n += k.Counts[s.String()]
	}
	return n
}

// Passed counts cases, as do those that follow.
func (k kept) Passed() int { return k.count(oracle.Pass) }

// Failed counts what is broken on our side as well.
func (k kept) Failed() int { return k.count(oracle.Fail, oracle.Broken) }

// Open are those that could not be concluded.
func (k kept) Open() int { return k.count(oracle.Inconclusive, oracle.Blocked) }

// Kind is what it came to, as the pages colour it.
func (k kept) Kind() string {
	switch k.Exit {
	case report.Sound:
		return "pass"
	case report.Failed:
		return "fail"
	}
	return "open"
}

// Word says it in a few words.
func (k kept) Word() string {
	judged := k.Passed() + k.Failed() + k.Open()
	switch {
	case k.Exit == report.Failed && k.Failed() > 0:
		return fmt.Sprintf("%d of %d failed", k.Failed(), judged)
	case k.Exit == report.Failed:
		return "a must is broken"
	case k.Exit == report.Sound:
		return fmt.Sprintf("all %d passed", k.Passed())
	case k.Exit == report.Unusable:
		return "not usable"
	}
	return "not concluded"
}

// Met are the levels that are.
func (k kept) Met() (names []string) {
	for _, s := range k.Levels {
		if s.Met {
			names = append(names, inert.Line(s.Level))
		}
	}
	return names
}

// Name is the client's, harmless.
func (k kept) Name() string { return inert.Line(k.Client) }

// Day is when it ended.
func (k kept) Day() string { return k.Ended.Format("2006-01-02 15:04") }

// Report is where its report is, from the top of the site.
func (k kept) Report() string { return runsFolder + "/" + k.folder + "/index.html" }

// File is what the files of its client are called.
func (k kept) File() string { return report.OwnName(k.Client) }

// Bars are the shares of its cases, in percent.
func (k kept) Bars() []bar {
	var bars []bar
	at, all := 0.0, float64(max(1, k.Passed()+k.Failed()+k.Open()))
	for _, b := range []struct {
		kind string
		n    int
	}{{"fail", k.Failed()}, {"open", k.Open()}, {"pass", k.Passed()}} {
		width := 100 * float64(b.n) / all
		bars = append(bars, bar{b.kind, at, width})
		at += width
	}
	return bars
}

type bar struct {
	Kind        string
	From, Width float64
}

// drawing draws a site's pages.
type drawing struct {
	dir   string
	pages *template.Template
}

func newDrawing(dir string) drawing {
	return drawing{dir, template.Must(template.New("").Funcs(template.FuncMap{"join": strings.Join}).ParseFS(files, "pages/*.gohtml"))}
}

// client is what became of one from run to run.
type client struct {
	Name string
	Runs []kept // the newest first
}

// Latest is the newest run of an edition; nil if there is none.
func (c client) Latest(edition string) *kept {
	i := slices.IndexFunc(c.Runs, func(k kept) bool { return k.Edition == edition })
	if i < 0 {
		return nil
	}
	return &c.Runs[i]
}

// Newest is the newest run of all.
func (c client) Newest() *kept { return &c.Runs[0] }

// draw writes the first page, a page and a badge for each client.
func (d drawing) draw(all []kept) error {
	clients := byClient(all)
	if err := d.page("index.html", "index.gohtml", clients); err != nil {
		return err
	}
	for _, c := range clients.Clients {
		name := c.Newest().File()
		if err := d.page(filepath.Join("clients", name+".html"), "client.gohtml", c); err != nil {
			return err
		}
		if err := d.page(filepath.Join("badges", name+".svg"), "badge.gohtml", newBadge(*c.Newest())); err != nil {
			return err
		}
	}
	return nil
}

func (d drawing) page(file, name string, data any) error {
	return report.WriteFile(filepath.Join(d.dir, file), func(out io.Writer) error { return d.pages.ExecuteTemplate(out, name, data) })
}

// overview is what the first page shows.
type overview struct {
	Clients  []client
	Editions []string // the newest first
}

// byClient puts the runs in order, the clients by their names.
func byClient(all []kept) (o overview) {
	for _, k := range all {
		i := slices.IndexFunc(o.Clients, func(c client) bool { return c.Runs[0].Client == k.Client })
		if i < 0 {
			i, o.Clients = len(o.Clients), append(o.Clients, client{Name: k.Name()})
		}
		o.Clients[i].Runs = append(o.Clients[i].Runs, k)
		if !slices.Contains(o.Editions, k.Edition) {
			o.Editions = append(o.Editions, k.Edition)
		}
	}
	slices.SortFunc(o.Clients, func(a, b client) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(o.Editions, func(a, b string) int { return strings.Compare(b, a) })
	return o
}
