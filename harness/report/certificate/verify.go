package certificate

import (
	"fmt"
	"slices"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/edition"
)

// Check is what a statement is held against.
type Check struct {
	Run        string // the run directory
	Client     string // the client's file; empty: it is not looked at
	Editions   []edition.Edition
	Vocabulary catalogue.Vocabulary
}

// Refusals are all reasons not to believe a statement; none if what it says is
// what the histories show. The error is of reading: what cannot be read refutes
// nothing.
func (c Check) Refusals(s Statement) ([]string, error) {
	v := verification{Check: c, s: s, claim: s.Predicate.Gauntlet}
	v.edition()
	v.client()
	run, err := report.RejudgeRun(c.Run, c.Vocabulary, 0, edition.Froze(c.Editions))
	if err != nil {
		return nil, err
	}
	v.cases(run.Cases)
	if err := v.controls(); err != nil {
		return nil, err
	}
	v.sums(run)
	if v.unread != nil {
		return nil, v.unread
	}
	return v.refusals, nil
}

type verification struct {
	Check
	s        Statement
	claim    Claim
	frozen   edition.Edition
	refusals []string
	unread   error // the first file that the machine would not let be read
}

// doubt refuses for an error, unless that is the machine's.
func (v *verification) doubt(what string, err error) {
	if unread := report.Unread(err); unread != nil && v.unread == nil {
		v.unread = unread
	}
	v.refuse("%s: %v", what, err)
}

func (v *verification) refuse(format string, args ...any) {
	v.refusals = append(v.refusals, fmt.Sprintf(format, args...))
}

// edition wants the one that the statement names, by its content.
func (v *verification) edition() {
	named := v.s.Predicate.resource(editionName)
	frozen, known := edition.Named(v.Editions, v.claim.Edition)
	switch {
	case !known:
		v.refuse("it speaks of edition %q, which is not known here; the newest is %s", v.claim.Edition, edition.Newest(v.Editions).Name)
	case named.Digest.SHA256 != frozen.Digest || named.Annotations["name"] != frozen.Name:
		v.refuse("it speaks of edition %s and has the digest of another", frozen.Name)
	default:
		v.frozen = frozen
	}
}

func (v *verification) client() {
	if len(v.s.Subject) != 1 || v.s.Subject[0].Name != v.claim.Client {
		v.refuse("its subject is not client %s alone", v.claim.Client)
		return
	}
	if v.Client == "" {
		return
	}
	if digest, err := fileDigest(v.Client); err != nil {
		v.doubt("the client", err)
	} else if digest != v.s.Subject[0].Digest {
		v.refuse("it is about another client than %s", v.Client)
	}
}

// cases holds each case to what the statement says of it, both ways.
func (v *verification) cases(run []report.Rejudged) {
	found := map[string]bool{}
	for _, r := range run {
		if r.Unread != nil {
			v.doubt(r.Result.ID, r.Unread)
		}
		if r.Lost {
			continue // it is missed below, if the statement speaks of it
		}
		i := slices.IndexFunc(v.claim.Cases, func(one Recorded) bool { return one.ID == r.Result.ID })
		if found[r.Result.ID] = true; i < 0 {
			v.refuse("%s was run, and it says nothing of it", r.Result.ID)
			continue
		}
		v.oneCase(v.claim.Cases[i], r)
	}
	seen := map[string]bool{}
	for _, one := range v.claim.Cases {
		if !found[one.ID] || seen[one.ID] {
			v.refuse("%s: its history is missing, or it is named twice", one.ID)
		}
		seen[one.ID] = true
	}
}

func (v *verification) oneCase(one Recorded, r report.Rejudged) {
	if !v.sameRun(one.ID, one.History, r.Stored) {
		return
	}
	now := r.Now.Result
	unjudged := r.Now.Reread == nil
	switch {
	case one.Status != r.Result.Status:
		v.refuse("%s is said to be %s, and the result that is stored is %s", one.ID, one.Status, r.Result.Status)
	case one.Status != now.Status && (!one.Unwitnessed || !graver(one.Status, now.Status)):
		v.refuse("%s is said to be %s, and its history shows %s: %s", one.ID, one.Status, now.Status, now.Reason)
	case one.Status == oracle.Pass && unjudged:
		v.refuse("%s is said to be %s, and its history shows nothing", one.ID, one.Status)
	}
	if altered, err := v.frozen.Altered(r.Now.Case); err != nil || altered {
		v.refuse("%s is not the case that edition %s froze", one.ID, v.frozen.Name)
	}
}

// graver reports whether a status may go beyond what the history shows: that of a
// client which took its process down, or of a machine that failed. It may hide no
// failure.
func graver(said, shown oracle.Status) bool {
	return said == oracle.Fail || said == oracle.Broken && shown != oracle.Fail
}

// sameRun wants the history of that digest, from the run that the statement
// speaks of.
func (v *verification) sameRun(id, sum string, s report.Stored) bool {
	digest, err := historyDigest(s.Dir)
	if err == nil && digest.SHA256 != sum {
		err = fmt.Errorf("its history was changed, or is of another run")
	}
	var meta history.Meta
	if err == nil {
		meta, err = s.Meta()
	}
	switch {
	case err != nil:
		v.doubt(id, err)
	case meta.Case != id || meta.Client != v.claim.Client || meta.Mode != string(v.claim.Mode) || meta.Seed != v.claim.Seed:
		v.refuse("%s: its history is of case %s, client %s, mode %s, seed %d", id, meta.Case, meta.Client, meta.Mode, meta.Seed)
	default:
		return true
	}
	return false
}

// controls wants those that are named, and no other: verdicts lean on them.
func (v *verification) controls() error {
	stored, err := report.OpenRunDir(v.Run, "controls")
	if err != nil {
		return err
	}
	for _, s := range stored {
		i := slices.IndexFunc(v.claim.Controls, func(one Leaned) bool { return one.ID == s.Result.ID })
		if i < 0 {
			v.refuse("%s was run, and it says nothing of it", s.Result.ID)
			continue
		}
		v.sameRun(s.Result.ID, v.claim.Controls[i].History, s)
	}
	if len(stored) < len(v.claim.Controls) {
		v.refuse("%d histories of controls are missing", len(v.claim.Controls)-len(stored))
	}
	return nil
}

// sums does the statement's sums again.
func (v *verification) sums(run report.RejudgedRun) {
	p := v.s.Predicate
	p.sort()
	if said := v.s.Predicate; p.Result != said.Result || !slices.Equal(p.PassedTests, said.PassedTests) || !slices.Equal(p.FailedTests, said.FailedTests) || !slices.Equal(p.WarnedTests, said.WarnedTests) {
		v.refuse("its lists and its result %s do not agree with how it says the cases ended, which is %s", said.Result, p.Result)
	}
	if v.frozen.Name == "" {
		return
	}
	levels, earlier, err := shown(v.frozen, run)
	if err != nil {
		v.doubt("the levels that are met", err)
	} else if !slices.Equal(levels, v.claim.Levels) {
		v.refuse("it says that the levels %v are met, and the histories show %v", v.claim.Levels, levels)
	}
	if !slices.Equal(earlier, v.claim.Earlier) {
		v.refuse("it says that %q is broken in simpler worlds, and the histories show %q", v.claim.Earlier, earlier)
	}
}
