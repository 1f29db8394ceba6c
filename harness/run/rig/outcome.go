package rig

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/catalogue"
	"gauntlet/proxies/http1"
)

// Outcome is a judged run with what it rests on.
type Outcome struct {
	Case   catalogue.Case
	Result Result
	Events []history.Event // of a run in this process
	Stored []byte          // the history as a worker has written it; nil if the worker died with it
	// Reread reads the events from the run directory each time: those of many outcomes
	// are too much to keep in memory. Nil if Events or Stored has them.
	Reread  func() ([]history.Event, error)
	Log     []byte       // what the client's process printed
	Control bool         // a run that others are compared with; not one of the catalogue's
	reader  trace.Reader // of what the client spoke; nil if nothing ran
}

// History is the history in the form in which it is stored.
func (o Outcome) History() ([]byte, error) {
	if o.Stored != nil {
		return o.Stored, nil
	}
	var out bytes.Buffer
	out.Grow(len(o.Events) * history.LineLength)
	err := o.store(&out)
	return out.Bytes(), err
}

// store writes the history of a run in this process.
func (o Outcome) store(out io.Writer) error { return history.Write(out, o.Meta(), o.Events) }

// Recorded is what happened, wherever the history is.
func (o Outcome) Recorded() ([]history.Event, error) {
	switch {
	case o.Events != nil:
		return o.Events, nil
	case o.Reread != nil:
		return o.Reread()
	case o.Stored == nil:
		return nil, nil
	}
	_, events, err := history.Read(bytes.NewReader(o.Stored))
	return events, err
}

// events are those of the history. One that cannot be read shows nothing.
func (o Outcome) events() []history.Event {
	events, _ := o.Recorded()
	return events
}

// Timeline tells the whole run at hop 0, a line for each thing that a reader of a
// bug report would want to see: dials, exchanges, what the client said.
func (o Outcome) Timeline() []string {
	type moment struct {
		at   time.Duration
		line string
	}
	events := o.events()
	var moments []moment
	fired := firedIn(events)
	for _, x := range history.Exchanges(events, 0) {
		moments = append(moments, moment{x.Began, describe(x, faultOn(fired, x))})
	}
	for _, f := range o.Result.Fates {
		moments = append(moments, moment{time.Duration(f.At) * time.Millisecond, fmt.Sprintf("%9.3fs  %s", float64(f.At)/1000, f)})
	}
	for i := range events {
		if line := tell(&events[i]); line != "" {
			moments = append(moments, moment{events[i].At, fmt.Sprintf("%9.3fs  %s", events[i].At.Seconds(), line)})
		}
	}
	slices.SortStableFunc(moments, func(a, b moment) int { return cmp.Compare(a.at, b.at) })
	lines := make([]string, len(moments))
	for i, m := range moments {
		lines[i] = m.line
	}
	return lines
}

// tell is an event on one line; empty for what the exchanges show.
func tell(e *history.Event) string {
	switch e.Kind {
	case history.Dialled:
		return fmt.Sprintf("connects to %s: %s", e.ID, e.How)
	case history.Opaque:
		if e.Hop == 0 {
			return fmt.Sprintf("connection %d carries what is not HTTP: % x", e.Conn, e.Data[:min(16, len(e.Data))])
		}
	case history.StepBegan:
		return "the user: " + e.Text
	case history.StepFailed:
		return "not done: " + e.Text
	case history.StepEnded:
		return "ended by hand: " + e.Text
	case history.Rejected:
		return fmt.Sprintf("the gateway answers %d: %s", e.Status, e.Text)
	case history.ClientGone, history.Crashed:
		return fmt.Sprintf("%s: %s", e.Kind, e.Text)
	case history.Uncertain, history.Reopened, history.Failed:
		return fmt.Sprintf("the client says: %s %s", e.Kind, e.Text)
	}
	return ""
}

// Excerpt shows exchanges of hop 0, a line each, with the faults that fired
// them: those up to the ones that a verdict speaks of, or those about the first
// one on which a fault fired, or the last ones. ✗ marks those by which the verdict
// fails.
func (o Outcome) Excerpt(v oracle.Verdict, lines int) []string {
	events := o.events()
	exchanges, fired := history.Exchanges(events, 0), firedIn(events)
	end := excerptEnd(exchanges, fired, v, lines)
	var out []string
	for _, x := range exchanges[max(0, end-lines):end] {
		line := describe(x, faultOn(fired, x))
		if x.Ordinal > 0 && x.Ordinal == o.Result.Certain {
			line += "   ◄ from here on certain"
		}
		if v.Status == oracle.Fail && slices.Contains(v.Exchanges, x.Ordinal) {
			line = "✗" + strings.TrimPrefix(line, " ")
		}
		out = append(out, line)
	}
	return out
}

func excerptEnd(exchanges []*history.Exchange, fired []history.Event, v oracle.Verdict, lines int) int {
	for i, x := range exchanges {
		switch {
		case len(v.Exchanges) > 0 && x.Ordinal == v.Exchanges[len(v.Exchanges)-1]:
			return min(len(exchanges), i+2)
		case len(v.Exchanges) == 0 && faultOn(fired, x) != "":
			return min(len(exchanges), i+lines-1)
		}
	}
	return len(exchanges)
}

func describe(x *history.Exchange, fault string) string {
	fate := fmt.Sprintf("%d, %d bytes", x.Status, len(x.AnswerBody))
	switch {
	case x.Status == 0 && x.Ended < 0:
		fate = "no answer"
	case x.Status == 0:
		fate = fmt.Sprintf("no answer; connection lost after %.3fs", (x.Ended - x.Began).Seconds())
	case !x.Answered:
		fate = fmt.Sprintf("%d, answer cut", x.Status)
	}
	number := fmt.Sprint(x.Ordinal)
	if x.Ordinal == 0 {
		number = "cut" // it has no number: its head never came whole
	}
	return fmt.Sprintf("%9.3fs  connection %-3d request %-3s %-60s → %s%s", x.Began.Seconds(), x.Conn, number, requestLine(x), fate, fault)
}

func requestLine(x *history.Exchange) string {
	line := string(http1.StartLine(x.Head))
	line = strings.TrimSuffix(strings.TrimPrefix(line, "POST "), " HTTP/1.1")
	if i := strings.Index(line, "?"); i >= 0 {
		line = line[i+1:]
	}
	first, _, _ := strings.Cut(string(x.Body), "\r\n")
	if text := said(x.Body); text != "" {
		words := strings.Fields(first) // how it is to be carried does not matter here
		first = strings.Join(words[:min(len(words), 2)], " ") + ": " + text
	}
	line = strings.TrimSpace(line + "  " + first)
	if len(line) > 90 {
		line = line[:90] + "…"
	}
	return fmt.Sprintf("%q", line)
}

// said is what stands behind the first blank line of a body, if it is a text: what
// people say to each other stands there.
func said(body []byte) string {
	_, text, _ := strings.Cut(string(body), "\r\n\r\n")
	text, _, _ = strings.Cut(text, "\r\n")
	if strings.ContainsFunc(text, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }) {
		return ""
	}
	return text
}

// firedIn are the events of faults, which are few: they are asked for each exchange.
func firedIn(events []history.Event) (fired []history.Event) {
	for i := range events {
		if events[i].Kind == history.Fired {
			fired = append(fired, events[i])
		}
	}
	return fired
}

func faultOn(fired []history.Event, x *history.Exchange) string {
	for _, e := range fired {
		if e.Hop == x.Hop && e.Conn == x.Conn && e.Exchange == x.Ordinal {
			return "   ⚡ " + e.Fault
		}
	}
	return ""
}

// Version is the version of Gauntlet that runs, as the build recorded it: of
// the module or, failing that, the commit; "devel" where nothing is known, as
// in tests.
func Version() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	settings := map[string]string{}
	for _, s := range build.Settings {
		settings[s.Key] = s.Value
	}
	version := build.Main.Version
	if version == "(devel)" {
		version = ""
	}
	return cmp.Or(version, settings["vcs.revision"], "devel")
}

// Meta is what a stored history says of its run.
func (o Outcome) Meta() history.Meta {
	definition, err := catalogue.Encode(o.Case)
	if err != nil {
		definition = nil // then it cannot be judged again, which is said when somebody tries
	}
	return history.Meta{
		Definition: definition,
		Case:       o.Case.ID, Mode: string(o.Result.Mode), Client: o.Result.Client, Harness: Version(), Seed: o.Result.Seed,
	}
}
