package report

import (
	"fmt"
	"os"
	"path"
	"slices"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/yamlfile"
)

// Known is one entry of a client's list of known failures. The list is a debt:
// a listed case that passes, or an entry that fits no case, turns a run red.
type Known struct {
	Case   string `yaml:"case" json:"case"`             // a glob over the ids of cases
	Reason string `yaml:"reason" json:"reason"`         // why it fails
	Flaky  bool   `yaml:"flaky" json:"flaky,omitempty"` // it may pass as well: the case draws by chance
}

// KnownFailures is such a list.
type KnownFailures []Known

// ReadKnown reads a list from a YAML file. An entry without a reason is an
// error, and so is an unknown key.
func ReadKnown(file string) (KnownFailures, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("known failures: %w", err)
	}
	var list KnownFailures
	if err := (yamlfile.File{Name: file, Source: text}).Decode(&list); err != nil {
		return nil, fmt.Errorf("known failures: %w", err)
	}
	for i, k := range list {
		if _, err := path.Match(k.Case, ""); err != nil || k.Case == "" || k.Reason == "" {
			return nil, fmt.Errorf("known failures: %s: entry %d needs a case, which may be a glob, and a reason", file, i+1)
		}
	}
	return list, nil
}

// Fitting are the entries that fit any of the cases.
func (l KnownFailures) Fitting(cases []catalogue.Case) KnownFailures {
	return slices.DeleteFunc(slices.Clone(l), func(k Known) bool {
		return !slices.ContainsFunc(cases, func(c catalogue.Case) bool { return k.fits(c.ID) })
	})
}

// Mark writes the reason of the entry that fits into a failed result, also into
// one that is Blocked by what the client fails in a simpler world. What was
// written before is of no account.
func (l KnownFailures) Mark(r *rig.Result) {
	r.Known = ""
	statuses := []oracle.Status{oracle.Fail}
	if len(r.Earlier()) > 0 {
		statuses = append(statuses, oracle.Blocked)
	}
	l.mark(r, statuses...)
}

// MarkThrough does the same for what a real proxy causes: because of it a case
// may also be left open, when a fault finds nothing to strike.
func (l KnownFailures) MarkThrough(r *rig.Result) {
	l.mark(r, oracle.Fail, oracle.Inconclusive, oracle.Blocked)
}

func (l KnownFailures) mark(r *rig.Result, statuses ...oracle.Status) {
	for _, k := range l {
		if slices.Contains(statuses, r.Status) && k.fits(r.ID) {
			r.Known = k.Reason
			return
		}
	}
}

// Stale lists the entries that do not hold: one whose cases all failed no more,
// or which fits none of the cases that were run.
func (l KnownFailures) Stale(results []rig.Result) []string {
	var stale []string
	for _, k := range l {
		fits, outlived := 0, ""
		for _, r := range results {
			if k.fits(r.ID) {
				fits++
			}
			if line := k.outlived(r); line != "" {
				outlived = line
			}
		}
		switch {
		case fits == 0:
			stale = append(stale, fmt.Sprintf("known failure %q fits no case that was run", k.Case))
		case outlived != "":
			stale = append(stale, outlived)
		}
	}
	return stale
}

// Outlived says which entry does not hold because the case of r passes; empty
// if none does.
func (l KnownFailures) Outlived(r rig.Result) string {
	for _, k := range l {
		if line := k.outlived(r); line != "" {
			return line
		}
	}
	return ""
}

func (k Known) outlived(r rig.Result) string {
	if k.Flaky || r.Status != oracle.Pass || !k.fits(r.ID) {
		return ""
	}
	return fmt.Sprintf("known failure %q: %s passes; take it off the list", k.Case, r.ID)
}

func (k Known) fits(id string) bool {
	ok, _ := path.Match(k.Case, id) // the form was checked when it was read
	return ok
}
