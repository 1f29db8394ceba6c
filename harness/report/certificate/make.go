package certificate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/edition"
	"gauntlet/harness/run/rig"
)

// Origin is what a certificate says beside what is in the run directory.
type Origin struct {
	Client  string // the file that is the client
	Harness string // the file of the program that recorded the run
	Near    string // the directory that the certificate will be in
}

// New makes the statement on a finished run. Each case is judged again on the
// way: what a certificate says must be what its reader will find.
func New(dir string, run report.Summary, e edition.Edition, v catalogue.Vocabulary, from Origin) (Statement, error) {
	s := Statement{Type: StatementType, PredicateType: PredicateType}
	s.Predicate.Gauntlet = Claim{
		Mode: run.Mode, Seed: run.Seed, Product: run.Product,
		Edition: e.Name, Run: seenFrom(from.Near, dir),
	}
	err := s.resources(e, from)
	if err == nil {
		err = s.record(dir, e, v)
	}
	if err != nil {
		return Statement{}, fmt.Errorf("certificate: %w", err)
	}
	return s, nil
}

// seenFrom is the path of the run directory that holds when both are moved
// together.
func seenFrom(near, dir string) string {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return dir
	}
	if near, err = filepath.Abs(near); err != nil {
		return absolute
	}
	if path, err := filepath.Rel(near, absolute); err == nil {
		return filepath.ToSlash(path)
	}
	return absolute
}

func (s *Statement) resources(e edition.Edition, from Origin) error {
	client, err := fileDigest(from.Client)
	if err != nil {
		return err
	}
	harness, err := fileDigest(from.Harness)
	if err != nil {
		return err
	}
	s.Subject = []Resource{{Digest: client}}
	s.Predicate.Configuration = []Resource{
		{Name: editionName, Digest: Digest{e.Digest}, Annotations: map[string]string{"name": e.Name}},
		{Name: harnessName, Digest: harness, Annotations: map[string]string{"version": rig.Version()}},
	}
	return nil
}

// record takes down how the cases ended, and on which histories that rests.
func (s *Statement) record(dir string, e edition.Edition, v catalogue.Vocabulary) error {
	run, err := report.RejudgeRun(dir, v, 0, edition.Froze([]edition.Edition{e}))
	if err != nil {
		return err
	}
	claim := &s.Predicate.Gauntlet
	for _, r := range run.Cases {
		claim.Client = r.Result.Client // as the histories name it
		one, err := recorded(r)
		if err != nil {
			return err
		}
		claim.Cases = append(claim.Cases, one)
	}
	if claim.Controls, err = controls(dir); err != nil {
		return err
	}
	s.Subject[0].Name = claim.Client
	claim.Levels, claim.Earlier, err = shown(e, run)
	s.Predicate.sort()
	return err
}

func recorded(r report.Rejudged) (Recorded, error) {
	if r.Unread != nil {
		return Recorded{}, r.Unread
	}
	digest, err := historyDigest(r.Dir)
	one := Recorded{ID: r.Result.ID, Status: r.Result.Status, History: digest.SHA256}
	if err == nil && r.Changed() {
		one.Unwitnessed = true
		if one.Status == oracle.Pass || one.Status != r.Now.Result.Status && !graver(one.Status, r.Now.Result.Status) {
			err = fmt.Errorf("%s is %s, and its history does not show it: judged again it is %s: %s", one.ID, one.Status, r.Now.Result.Status, r.Now.Result.Reason)
		}
	}
	return one, err
}

func controls(dir string) ([]Leaned, error) {
	list := []Leaned{}
	stored, err := report.OpenRunDir(dir, "controls")
	for _, s := range stored {
		digest, failed := historyDigest(s.Dir)
		if failed != nil {
			return nil, failed
		}
		list = append(list, Leaned{ID: s.Result.ID, History: digest.SHA256})
	}
	return list, err
}

// shown is what the histories say of the run as a whole: the levels that it meets,
// and what is broken in simpler worlds. How a case ended then and how it is judged
// now have to agree.
func shown(e edition.Edition, run report.RejudgedRun) (levels, earlier []string, err error) {
	controls := slices.DeleteFunc(slices.Clone(run.Controls), func(o rig.Outcome) bool { return !o.Result.Accuses() })
	var cases []rig.Outcome
	for _, r := range run.Cases {
		if !r.Changed() {
			cases = append(cases, r.Now)
		}
	}
	standings, err := e.Standings(report.Ended(cases, controls))
	levels = []string{}
	for _, s := range standings {
		if s.Met {
			levels = append(levels, s.Level)
		}
	}
	return levels, report.SinceMusts(slices.Concat(cases, controls)), err
}

const historyFile = "history.jsonl"

func fileDigest(name string) (Digest, error) {
	path, err := filepath.EvalSymlinks(name) // who names a file may name a link to it
	if err != nil {
		return Digest{}, err
	}
	return regularDigest(path)
}

// historyDigest is that of the history in a case's folder.
func historyDigest(dir string) (Digest, error) { return regularDigest(filepath.Join(dir, historyFile)) }

func regularDigest(path string) (Digest, error) {
	sum := sha256.New()
	err := report.ReadThrough(path, sum)
	return Digest{hex.EncodeToString(sum.Sum(nil))}, err
}
