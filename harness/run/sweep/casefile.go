package sweep

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// CaseFile is a found failure as a file for `certify --file` and for the catalogue,
// and the id of its case.
func CaseFile(s Shrunk) (id string, text []byte) {
	id = s.Point.slug()
	var b strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	line("# Found by a sweep and made as small as it goes. It fails by")
	line("# %s", s.Cause)
	line("id: %s", id)
	line("title: %s", quoted(title(s.Point)))
	line("why: >")
	line("  A session that is struck here was seen to break %s.", s.Cause.Requirement)
	line("proves: [%s]", strings.Join(proved(s), ", "))
	line("chain: %s", list(boxes(s.Point)))
	if len(s.Point.Faults) > 0 {
		line("faults: %s", list(faults(s.Point)))
	}
	knobs := ""
	for _, k := range s.Point.Knobs {
		knobs += fmt.Sprintf(", %s: %s", k.Name, quoted(k.Value))
	}
	line("gateway: {dialect: %s%s}", s.Point.Dialect, knobs)
	line("workload: %s", list(s.Point.Workload.Lines()))
	return id, []byte(b.String())
}

// title says what happens.
func title(p Point) string {
	if len(p.Faults) == 0 {
		return "nothing disturbs the session"
	}
	return strings.Join(faults(p), "; ")
}

// proved are the requirements that the case is about: the one that was broken
// first.
func proved(s Shrunk) []string {
	list := []string{string(s.Cause.Requirement)}
	for _, id := range about {
		if id != s.Cause.Requirement {
			list = append(list, string(id))
		}
	}
	return list
}

func boxes(p Point) (texts []string) {
	for _, box := range p.Chain {
		texts = append(texts, box.String())
	}
	return texts
}

func faults(p Point) (texts []string) {
	for _, f := range p.Faults {
		texts = append(texts, f.String())
	}
	return texts
}

// list is a YAML list on one line.
func list(texts []string) string {
	words := make([]string, len(texts))
	for i, t := range texts {
		words[i] = quoted(t)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// quoted is a text as YAML takes it in double quotes, which is as JSON has it.
func quoted(text string) string {
	out, err := json.Marshal(text)
	if err != nil {
		return `""` // a text can always be written
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(out))
}

// Explore runs a session undisturbed in each of the worlds, and returns what can
// strike it there.
func Explore(ctx context.Context, run rig.Runner, worlds []World, v catalogue.Vocabulary) ([]Space, error) {
	place := map[string]int{}
	var spaces []Space
	var cases []catalogue.Case
	for i, w := range worlds {
		c := Point{World: w}.Case()
		place[c.ID] = i
		spaces, cases = append(spaces, Space{World: w}), append(cases, c)
	}
	var failed error
	err := run(ctx, cases, func(o rig.Outcome) {
		events, err := o.Recorded()
		if err == nil && history.Hops(events) == 0 {
			err = fmt.Errorf("world %s: nothing connected: %s %s", o.Case.ID, o.Result.Status, o.Result.Reason)
		}
		if err != nil && failed == nil {
			failed = err
		}
		spaces[place[o.Case.ID]].Hops = readRecords(events, v.Faults)
	})
	if err == nil {
		err = failed
	}
	return spaces, err
}
