package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/edition"
	"gauntlet/harness/run/rig"
)

// display shows how certify gets on and what came of it: a progress bar on a
// terminal, else a line a case; nothing but the results when the output is for a
// machine.
type display struct {
	out              io.Writer
	json             bool
	lines            bool // also on a terminal
	all              bool // also what cases that passed did
	failed, controls int
	report           report.Terminal
	bar              *progressbar.ProgressBar
}

func (d *display) watch() certify.Watch {
	return certify.Watch{Turn: d.turn, Checked: d.checked, Began: d.began, Judged: d.judged, Ended: d.ended}
}

func (d *display) turn(client string) { fmt.Fprintln(d.out, inert.Line("client "+client)) }

func (d *display) checked(client string, pace time.Duration) {
	if !d.json && pace > 0 {
		fmt.Fprintln(d.out, inert.Line(fmt.Sprintf("self-check: %s is reached, and polls every %s", client, pace)))
	}
}

func (d *display) began(cases int) {
	screen, ours := d.out.(*screen)
	person := ours && screen.person()
	d.report = report.Terminal{Out: d.out, Width: widthOf(d.out), Colour: person && os.Getenv("NO_COLOR") == "", Lines: !d.json && (!person || d.lines), All: d.all}
	if person && !d.lines && !d.json {
		d.bar = progressbar.NewOptions(cases,
			progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription("cases"),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionEnableColorCodes(d.report.Colour))
	}
}

func (d *display) judged(o rig.Outcome) {
	if d.all {
		o = certify.Masked(o) // what passed has mostly nothing to hide, as little of it is shown
	}
	d.report.Case(o)
	if d.bar == nil {
		return
	}
	// A bar that cannot be drawn is no reason to stop.
	if o.Control {
		d.controls++
	} else {
		_ = d.bar.Add(1)
	}
	if s := o.Result.Status; !o.Control && (s == oracle.Fail || s == oracle.Broken) && o.Result.Known == "" {
		d.failed++
		_ = d.bar.Clear()
		live := d.report
		live.Lines = true
		live.Case(o)
	}
	d.bar.Describe(fmt.Sprintf("%d failed, controls %d, cases", d.failed, d.controls))
}

func (d *display) ended(r certify.Result) error {
	if d.bar != nil {
		_ = d.bar.Finish() // as above
	}
	if d.json {
		return report.JSON(d.out, resultsOf(r.Cases))
	}
	d.report.Controls = r.Controls
	d.report.Summary(r.Cases)
	for _, line := range r.Stale {
		fmt.Fprintln(d.out, inert.Line(line))
	}
	fmt.Fprint(d.out, levelLines(r))
	fmt.Fprintf(d.out, "results and histories are in %s\n", r.Dir)
	if r.Page != "" {
		tellPage(d.out, r.Page)
	}
	return nil
}

func resultsOf(outcomes []rig.Outcome) []rig.Result {
	list := make([]rig.Result, len(outcomes))
	for i, o := range outcomes {
		list[i] = o.Result
	}
	return list
}

// levelLines says how the client stands with the levels of its kind, if any was
// run as a whole; else only what is decided: one case that failed is enough.
func levelLines(r certify.Result) string {
	own := func(s edition.Standing) bool { return s.For == edition.Asked(r.Kind) }
	whole := slices.ContainsFunc(r.Levels, func(s edition.Standing) bool { return own(s) && s.Run == s.Of })
	var lines strings.Builder
	for _, s := range r.Levels {
		if own(s) && (whole || s.Failed > 0) {
			fmt.Fprintf(&lines, "  %s\n", s)
		}
	}
	if lines.Len() == 0 {
		return ""
	}
	return fmt.Sprintf("\nlevels of edition %s\n%s", r.Edition, lines.String())
}

// screen is what the command prints on. Whatever words a client, a file or a run
// directory brought along, nothing in them acts on the terminal. It is safe for
// concurrent use.
type screen struct {
	to io.Writer // where it is printed

	mu   sync.Mutex
	half []byte // the beginning of a character whose rest is still to come
	err  error  // the first
}

// Write tells of all of the text that it was written, or why not.
func (s *screen) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	whole := append(s.half, text...)
	end := wholeRunes(whole)
	s.half = append([]byte(nil), whole[end:]...)
	if _, err := io.WriteString(s.to, inert.Screen(string(whole[:end]))); err != nil {
		if s.err == nil {
			s.err = err
		}
		return 0, err
	}
	return len(text), nil
}

// wholeRunes is the length of a text without the character at its end of which
// bytes are missing.
func wholeRunes(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if last := text[len(text)-n:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				return len(text) - n
			}
			break
		}
	}
	return len(text)
}

// lost is why something could not be written; nil if all was.
func (s *screen) lost() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// width is that of lines where nobody's terminal says another.
const width = 100

// wide is how many letters there is room for on a line.
func (s *screen) wide() int {
	if file, is := s.to.(*os.File); is {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return width
}

// widthOf is the same of anything that is written to.
func widthOf(out io.Writer) int {
	if s, ours := out.(*screen); ours {
		return s.wide()
	}
	return width
}

// person reports whether somebody reads it.
func (s *screen) person() bool {
	file, is := s.to.(*os.File)
	return is && term.IsTerminal(int(file.Fd()))
}
