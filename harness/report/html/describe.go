package html

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/report/inert"
	"gauntlet/harness/report/redact"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// definition is what the page shows of the case itself, of the catalogue's JSON.
// The way is not among it: a box may have a password, and the result's is
// masked.
type definition struct {
	Why      string           `json:"why,omitempty"`
	Proves   []requirement.ID `json:"proves,omitempty"`
	Think    string           `json:"think,omitempty"`
	Knobs    []catalogue.Knob `json:"knobs,omitempty"`
	Faults   []string         `json:"faults,omitempty"`
	Workload []string         `json:"workload,omitempty"`
}

// place is where the case is written.
type place struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

// describe makes the case's line of the index and what each run shows of it.
func (g group) describe(whole map[*Case]bool, secrets redact.Options) (entry, []*detail) {
	e := entry{ID: g.id, Runs: make([]*outcome, len(g.runs))}
	details := make([]*detail, len(g.runs))
	for n, c := range g.runs {
		if c == nil {
			continue
		}
		d, meta := c.detail(whole[c], secrets)
		d.Files = c.Files
		details[n] = d
		e.Runs[n] = outline(d.Result)
		if e.Way == nil {
			e.Title, e.Box, e.Way = d.Result.Title, boxOf(c.Result.Chain), append([]string{}, d.Result.Chain...)
		}
		if e.Definition == nil {
			e.define(meta.Definition)
		}
	}
	return e, details
}

func (e *entry) define(text json.RawMessage) {
	var d definition
	var p place
	if len(text) == 0 || json.Unmarshal(text, &d) != nil || json.Unmarshal(text, &p) != nil {
		return
	}
	e.Definition = &d
	if p.File != "" {
		e.source = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
}

// detail reads what of the run's history is shown, and masks the secrets in it.
// What cannot be read is said in its place.
func (c *Case) detail(whole bool, secrets redact.Options) (*detail, history.Meta) {
	stored, err := c.open()
	if err != nil {
		return c.nothing(err), history.Meta{}
	}
	view := view{spans: stretches(stored, c.Result, whole), total: stored.Len()}
	for _, s := range view.spans {
		part, err := stored.Events(s.from, s.to)
		if err != nil {
			return c.nothing(err), stored.Meta
		}
		view.events = append(view.events, part...)
	}
	masked, err := redact.Outcome(rig.Outcome{Result: c.Result, Events: view.events}, secrets)
	if err != nil {
		return c.nothing(err), stored.Meta
	}
	view.events = masked.Events
	return newDetail(tame(masked.Result), view), stored.Meta
}

// nothing is a detail that says why there is none.
func (c *Case) nothing(err error) *detail {
	return &detail{Result: tame(c.Result), Problem: inert.Line(err.Error())}
}

func (c *Case) open() (*history.Stored, error) {
	data, err := c.History()
	if err != nil {
		return nil, err
	}
	return history.Open(data)
}

// boxOf is the kind of a chain, of which there are few enough for a column
// each.
func boxOf(chain []string) string {
	switch {
	case len(chain) == 0:
		return "direct"
	case len(chain) > 1:
		return "several boxes"
	case strings.Contains(chain[0], " then "):
		return "changes in time"
	}
	kind, rest, _ := strings.Cut(chain[0], " ")
	if strings.HasPrefix(kind, "socks") {
		kind = "socks"
	}
	says := plain.FindStringSubmatch(rest)
	switch {
	case kind == "profile":
		return "profiles"
	case says == nil:
		return kind + " with quirks"
	case says[1] != "":
		return kind + " with password"
	}
	return kind
}

// plain is what every box may say of itself: how it knows the way on, whom it
// lets in, where it listens.
var plain = regexp.MustCompile(`^(?:by (?:host|original destination))?((?:basic|login) \S+)?\s*(?:port \d+)?$`)
