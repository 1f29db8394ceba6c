package report

import (
	"cmp"
	"fmt"
	"slices"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/yamlfile"
)

// KnownFailures is a client's list of them. It is a debt: a listed case that passes,
// or an entry that fits no case, turns a run red.
type KnownFailures []catalogue.Known

// ReadKnown reads a list from a YAML file. An entry without a reason is an
// error, and so is an unknown key.
func ReadKnown(file string) (KnownFailures, error) {
	at, err := yamlfile.Read(yamlfile.Anywhere{}, file)
	if err != nil {
		return nil, fmt.Errorf("known failures: %w", err)
	}
	var list KnownFailures
	if err := at.Decode(&list); err != nil {
		return nil, fmt.Errorf("known failures: %w", err)
	}
	for i, k := range list {
		if flaw := k.Flaw(); flaw != "" {
			return nil, fmt.Errorf("known failures: %w", at.Wrong(fmt.Sprintf("$[%d]", i), 0, flaw))
		}
	}
	return list, nil
}

// Fitting are the entries that fit any of the cases.
func (l KnownFailures) Fitting(cases []catalogue.Case) KnownFailures {
	return slices.DeleteFunc(slices.Clone(l), func(k catalogue.Known) bool {
		return !slices.ContainsFunc(cases, func(c catalogue.Case) bool { return k.Fits(c.ID) })
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
		if slices.Contains(statuses, r.Status) && k.Fits(r.ID) {
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
		fits, line := 0, ""
		for _, r := range results {
			if k.Fits(r.ID) {
				fits++
			}
			line = cmp.Or(outlived(k, r), line)
		}
		switch {
		case fits == 0:
			stale = append(stale, fmt.Sprintf("known failure %q fits no case that was run", k.Case))
		case line != "":
			stale = append(stale, line)
		}
	}
	return stale
}

// Outlived says which entry does not hold because the case of r passes; empty
// if none does.
func (l KnownFailures) Outlived(r rig.Result) string {
	for _, k := range l {
		if line := outlived(k, r); line != "" {
			return line
		}
	}
	return ""
}

func outlived(k catalogue.Known, r rig.Result) string {
	if k.Flaky || r.Status != oracle.Pass || !k.Fits(r.ID) {
		return ""
	}
	return fmt.Sprintf("known failure %q: %s passes; take it off the list", k.Case, r.ID)
}
