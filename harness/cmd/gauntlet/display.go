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
	out                     io.Writer
	json                    bool
	lines                   bool // also on a terminal
	all                     bool // also what cases that passed did
	cases, failed, controls int
	report                  report.Terminal
	pulse                   pulse
}

func newDisplay(out io.Writer, f *certifyFlags) *display {
	d := &display{out: out, json: f.json, lines: f.lines || f.verbose, all: f.verbose}
	screen, ours := out.(*screen)
	person := ours && screen.person()
	d.report = report.Terminal{Out: out, Width: widthOf(out), Colour: person && os.Getenv("NO_COLOR") == "", Lines: !d.json && (!person || d.lines), All: d.all}
	if d.report.Colour {
		d.report.Out = painted{screen}
	}
	switch {
	case d.json:
	case d.report.Lines:
		d.pulse.lines = out
	default:
		d.pulse.bars = os.Stderr
	}
	return d
}

func (d *display) watch() certify.Watch {
	return certify.Watch{Turn: d.turn, Checking: d.checking, Checked: d.checked, Began: d.began, Judged: d.judged, Ended: d.ended}
}

func (d *display) turn(client string) { fmt.Fprintln(d.out, inert.Line("client "+client)) }

func (d *display) checking(client string) {
	d.pulse.goesOn(fmt.Sprintf("self-check: %s signs in once", inert.Line(client)), -1)
}

func (d *display) checked(client string, c rig.Check) {
	d.pulse.pause()
	var text string
	switch {
	case d.json:
		return
	case c.Failed != "":
		text = fmt.Sprintf("self-check: %s reaches the gateway, but fails there: %s", client, c.Failed)
	case c.Pace > 0:
		text = fmt.Sprintf("self-check: %s reaches the gateway, and polls every %s", client, c.Pace)
	default:
		return
	}
	for _, line := range report.Fold(inert.Line(text), d.report.Width, len("self-check: ")) {
		fmt.Fprintln(d.out, line)
	}
}

func (d *display) began(cases int, longest time.Duration) {
	if longest > 0 && !d.json {
		fmt.Fprintf(d.out, "in real time: a case takes up to %s and a little more\n", longest)
	}
	d.cases, d.failed, d.controls = cases, 0, 0
	d.pulse.goesOn(d.standing(), cases)
}

// standing is what a bar says beside the number of cases that were run.
func (d *display) standing() string {
	return fmt.Sprintf("%d failed, controls %d, cases", d.failed, d.controls)
}

func (d *display) judged(o rig.Outcome) {
	if d.all {
		o = certify.Masked(o) // what passed has mostly nothing to hide, as little of it is shown
	}
	s := o.Result.Status
	live := d.report
	switch {
	case o.Control:
		d.controls++
	case (s == oracle.Fail || s == oracle.Broken) && o.Result.Known == "":
		d.failed++
		live.Lines = !d.json // also where a bar takes the place of lines
	}
	d.pulse.heard(!o.Control, d.standing(), func() { live.Case(o) })
}

func (d *display) ended(r certify.Result) error {
	d.pulse.pause()
	if d.json {
		return report.JSON(d.out, resultsOf(r.Cases))
	}
	d.report.Controls = r.Controls
	d.report.Summary(r.Cases)
	for _, line := range r.Stale {
		fmt.Fprintln(d.out, inert.Line(line))
	}
	if r.Exit != report.Sound && !r.Cut {
		fmt.Fprintln(d.out, inert.Line(fmt.Sprintf("exit code %d: %s", r.Exit, r.Why)))
	}
	fmt.Fprint(d.out, levelLines(r))
	fmt.Fprintf(d.out, "results and histories are in %s\n", r.Dir)
	if r.Page != "" {
		tellPage(d.out, r.Page)
	}
	return nil
}

// pulse shows that work goes on while there is no result to show: a case in real time
// may take a minute. It draws a bar each second, or, in a log, writes a line when nothing
// else was written for a while. Its zero value shows nothing.
type pulse struct {
	bars  io.Writer // where bars are drawn; nil: lines take their place
	lines io.Writer // where lines go; nil: there are none

	mu    sync.Mutex
	bar   *progressbar.ProgressBar // nil while nothing goes on, and in logs
	words string                   // what goes on; empty while nothing does
	steps int                      // how many it has; -1: unknown
	done  int                      // how many of them are finished
	since time.Time                // when it began
	told  time.Time                // when a log last got a line
}

// often is after how long without a line a log gets one.
const often = 15 * time.Second

// beat shows the pulse until end is called. It starts a goroutine, which end waits for.
func (p *pulse) beat() (end func()) {
	var all sync.WaitGroup
	stop := make(chan struct{})
	all.Go(func() {
		seconds := time.NewTicker(time.Second)
		defer seconds.Stop()
		for {
			select {
			case <-stop:
				return
			case <-seconds.C:
				p.tick()
			}
		}
	})
	return func() {
		close(stop)
		all.Wait()
		p.pause()
	}
}

func (p *pulse) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	switch {
	case p.bar != nil:
		p.bar.Describe(p.words) // draws it with the time
	case p.lines != nil && p.words != "" && now.Sub(p.told) >= often:
		p.told = now
		fmt.Fprintf(p.lines, "… %s%s, %s so far\n", p.words, p.far(), now.Sub(p.since).Round(time.Second))
	}
}

// far is how many steps are finished, as a bar shows it.
func (p *pulse) far() string {
	if p.steps < 0 {
		return ""
	}
	return fmt.Sprintf(" %d of %d", p.done, p.steps)
}

// goesOn begins something new that has so many steps; -1: unknown.
func (p *pulse) goesOn(words string, steps int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	p.words, p.steps, p.done, p.since, p.told = words, steps, 0, time.Now(), time.Now()
	if p.bars != nil {
		options := []progressbar.Option{
			progressbar.OptionSetWriter(p.bars), progressbar.OptionSetDescription(words), progressbar.OptionSetElapsedTime(true),
			progressbar.OptionClearOnFinish(), progressbar.OptionSetSpinnerChangeInterval(0), // it is turned by tick
		}
		if steps >= 0 {
			options = append(options, progressbar.OptionShowCount())
		}
		p.bar = progressbar.NewOptions(steps, options...)
		_ = p.bar.RenderBlank() // a bar that cannot be drawn is no reason to stop, here and below
	}
}

// heard calls tell, which reports a result, while the line is free of the bar, and then
// shows the new words. step says whether the result was one of the steps.
func (p *pulse) heard(step bool, words string, tell func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.words, p.told = words, time.Now()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	tell()
	if step {
		p.done++
	}
	if p.bar != nil {
		_ = p.bar.Set(p.done)
		p.bar.Describe(words)
	}
}

// pause shows nothing until goesOn is called again.
func (p *pulse) pause() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	p.words = ""
}

func (p *pulse) clear() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
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

// painted is the screen for who makes words inert before he paints them: his colours
// stay. Elsewhere a colour is another's.
type painted struct{ on *screen }

func (p painted) Write(text []byte) (int, error) { return p.on.write(text, inert.Screen) }

// Write tells of all of the text that it was written, or why not.
func (s *screen) Write(text []byte) (int, error) { return s.write(text, inert.Block) }

func (s *screen) write(text []byte, shown func(string) string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	whole := append(s.half, text...)
	end := wholeRunes(whole)
	s.half = append([]byte(nil), whole[end:]...)
	if _, err := io.WriteString(s.to, shown(string(whole[:end]))); err != nil {
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
