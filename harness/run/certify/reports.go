package certify

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/report/har"
	"gauntlet/harness/report/html"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/report/junit"
	"gauntlet/harness/report/pcapng"
	"gauntlet/harness/report/redact"
	"gauntlet/harness/report/stepsummary"
	"gauntlet/harness/run/rig"
)

// PageName is the page's name in a run directory.
const PageName = "report.html"

// Reports are the reports that are written beside the results and histories;
// none whose name is empty.
type Reports struct {
	JUnit   string // a file
	Summary string // a file to which Markdown is added
	HAR     string // a directory
	PCAPNG  string // a directory
	HTML    bool   // a page for a browser
	Page    string // its file; in its usual place if empty
	Redact  redact.Options
}

// Asked reports whether any was, beside the page.
func (f Reports) Asked() bool {
	return f.JUnit != "" || f.Summary != "" || f.HAR != "" || f.PCAPNG != ""
}

// PageIn is the file of the page whose usual place is that name in a directory.
func (f Reports) PageIn(dir, name string) string { return cmp.Or(f.Page, filepath.Join(dir, name)) }

// prepare makes the places, so that a mistake is found before anything runs. A
// run directory to come has to be empty still: what lies in it is made later.
func (f Reports) prepare(run string) error {
	var errs []error
	for flag, dir := range map[string]string{"--junit": parent(f.JUnit), "--summary": parent(f.Summary), "--har": f.HAR, "--pcapng": f.PCAPNG, "--html": parent(f.Page)} {
		if dir == "" || within(run, dir) {
			continue
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", flag, err))
		}
	}
	for flag, file := range map[string]string{"--junit": f.JUnit, "--summary": f.Summary, "--html": f.Page} {
		errs = append(errs, noDirectory(flag, file))
	}
	return errors.Join(errs...)
}

// apart are the reports of one of several clients; to the summary each adds its
// part.
func (f Reports) apart(client string) Reports {
	f.JUnit, f.HTML = withName(f.JUnit, client), false
	for _, dir := range []*string{&f.HAR, &f.PCAPNG} {
		if *dir != "" {
			*dir = filepath.Join(*dir, client)
		}
	}
	return f
}

// writer writes the reports of one run, and remembers what they will say.
type writer struct {
	Reports
	entries []report.Entry // of the cases so far
	telling []rig.Outcome  // what tells of failures in simpler worlds: cases, and controls
}

// add writes what is written of each case by itself, as soon as it has ended,
// and returns the outcome as it may be shown.
func (w *writer) add(o rig.Outcome) (rig.Outcome, error) {
	shown, err := w.masked(o)
	if err != nil { // nobody knows what it would show
		return unshowable(o, err), err
	}
	if tells(shown.Result) {
		w.telling = append(w.telling, shown)
	}
	if o.Control {
		return shown, nil
	}
	w.entries = append(w.entries, report.NewEntry(shown))
	err = w.traffic(shown)
	return shown, err
}

// masked is an outcome without its secrets. To read a history costs more than
// to judge it, so the many that have nothing to hide are left alone.
func (w *writer) masked(o rig.Outcome) (rig.Outcome, error) {
	if o.Result.Status == oracle.Pass && (o.Control || w.HAR == "" && w.PCAPNG == "") && !tells(o.Result) {
		return o, nil
	}
	return redact.Outcome(o, w.Redact)
}

// Masked is an outcome without its secrets; of one that cannot be read nothing is
// told but that.
func Masked(o rig.Outcome) rig.Outcome {
	shown, err := redact.Outcome(o, redact.Options{})
	if err != nil {
		return unshowable(o, err)
	}
	return shown
}

func unshowable(o rig.Outcome, why error) rig.Outcome {
	return rig.Outcome{Case: o.Case, Control: o.Control, Result: rig.Result{ID: o.Result.ID, Title: o.Result.Title, Status: oracle.Broken, Reason: why.Error()}}
}

// tells reports whether a result says anything that came from the run.
func tells(r rig.Result) bool {
	return slices.ContainsFunc(r.Verdicts, func(v oracle.Verdict) bool { return v.Status == oracle.Fail })
}

// finish writes what is written of the run as a whole.
func (w *writer) finish(run report.Summary) error {
	w.entries = append(report.SinceEntries(w.telling), w.entries...)
	return errors.Join(
		report.WriteFile(w.JUnit, func(out io.Writer) error { return junit.Write(out, run, w.entries) }),
		appendTo(w.Summary, func(out io.Writer) error { return stepsummary.Write(out, run, w.entries) }),
	)
}

// page writes the page for a browser, if it was asked for, and returns its path.
func (w *writer) page(run report.Summary, dir string, outcomes []rig.Outcome) (string, error) {
	if !w.HTML {
		return "", nil
	}
	return WritePage(w.PageIn(dir, PageName), html.Page{Runs: []html.Run{w.shown(run, dir, outcomes)}, Secrets: w.Redact})
}

// shown is a run as a page shows it.
func (f Reports) shown(run report.Summary, dir string, outcomes []rig.Outcome) html.Run {
	r := html.Of(run, dir, outcomes)
	r.Beside = f.Traffic()
	return r
}

// Traffic are the directories in which files of what went over the wire lie.
func (f Reports) Traffic() []string {
	return slices.DeleteFunc([]string{f.HAR, f.PCAPNG}, func(dir string) bool { return dir == "" })
}

// WritePage writes a page for a browser, from which links lead to the files of
// the cases, and returns where it is.
func WritePage(file string, page html.Page) (string, error) {
	Link(page, func(path string) (string, bool) { return addressFrom(filepath.Dir(file), path) })
	if err := report.WriteFile(file, func(out io.Writer) error { return html.Write(out, page) }); err != nil {
		return "", err
	}
	return filepath.Abs(file)
}

// Link lets the cases of a page lead to what lies on the disk of them, where
// address says that it is to be found.
func Link(page html.Page, address func(path string) (string, bool)) {
	for _, run := range page.Runs {
		for i, c := range run.Cases {
			run.Cases[i].Files = nil
			for _, path := range filesOf(run, c.Result) {
				if to, ok := address(path); ok {
					run.Cases[i].Files = append(run.Cases[i].Files, html.File{Name: inert.Line(filepath.Base(path)), Address: to})
				}
			}
		}
	}
}

// filesOf are what lies on the disk of a case: in its folder, and by its name
// beside the run.
func filesOf(run html.Run, r rig.Result) (paths []string) {
	if run.Dir != "" {
		paths = filesIn(report.RunDir{Path: run.Dir}.Stored(r).Dir)
	}
	for _, dir := range run.Beside {
		own := filepath.Join(dir, report.FileName(r.ID))
		paths = append(append(paths, filesIn(own)...), existing(own+".pcapng")...)
	}
	return paths
}

// filesIn are the files in a folder; none if there is no such folder.
func filesIn(dir string) (paths []string) {
	entries, _ := os.ReadDir(dir) // links to nothing are left out
	for _, e := range entries {
		if e.Type().IsRegular() {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths
}

// existing is the file, if there is one.
func existing(file string) []string {
	if info, err := os.Lstat(file); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	return []string{file}
}

// addressFrom is where a file is, seen from a directory.
func addressFrom(dir, file string) (address string, ok bool) {
	from, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	to, err := filepath.Abs(file)
	if err != nil {
		return "", false
	}
	path, err := filepath.Rel(from, to)
	return (&url.URL{Path: filepath.ToSlash(path)}).String(), err == nil
}

// traffic writes what went over the wire in one case.
func (w *writer) traffic(o rig.Outcome) error {
	if w.PCAPNG != "" {
		name := filepath.Join(w.PCAPNG, report.FileName(o.Result.ID)+".pcapng")
		if err := report.WriteFile(name, func(out io.Writer) error { return pcapng.Write(out, o) }); err != nil {
			return err
		}
	}
	if w.HAR == "" {
		return nil
	}
	for hop := range history.Hops(o.Events) {
		name := filepath.Join(w.HAR, report.FileName(o.Result.ID), fmt.Sprintf("hop-%d.har", hop))
		if err := report.WriteFile(name, func(out io.Writer) error { return har.Write(out, o, hop) }); err != nil {
			return err
		}
	}
	return nil
}

// Write writes the reports of a run that is stored, as it was judged then.
func (f Reports) Write(l *Library, run report.Summary, cases []report.Stored) error {
	if err := f.prepare(""); err != nil {
		return err
	}
	w, words := writer{Reports: f}, l.Vocabulary()
	for _, s := range cases {
		o, err := s.Outcome(words)
		if err == nil {
			_, err = w.add(o)
		}
		if err != nil {
			return err
		}
	}
	return w.finish(run)
}

// noDirectory refuses a directory in the place of a file that is to be written.
func noDirectory(flag, file string) error {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return fmt.Errorf("%s %s: that is a directory; name a file", flag, file)
	}
	return nil
}

func parent(file string) string {
	if file == "" {
		return ""
	}
	return filepath.Dir(file)
}

// within reports whether path is the directory dir or lies in it; nothing lies in
// one without a name.
func within(dir, path string) bool {
	if dir == "" {
		return false
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	if path, err = filepath.Abs(path); err != nil {
		return false
	}
	inside, err := filepath.Rel(absolute, path)
	return err == nil && filepath.IsLocal(inside)
}

// withName is a file's name with another before its ending: junit-NAME.xml.
func withName(file, name string) string {
	if file == "" {
		return ""
	}
	ending := filepath.Ext(file)
	return strings.TrimSuffix(file, ending) + "-" + name + ending
}

// appendTo adds to a file, which others write to as well; to none if it has no
// name.
func appendTo(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	if err := os.MkdirAll(parent(name), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}
