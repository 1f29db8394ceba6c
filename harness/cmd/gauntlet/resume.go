package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/spf13/cobra"

	"gauntlet/harness/report"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/rig"
)

// restore takes what the call leaves open from the run that it goes on with.
func (f *certifyFlags) restore(cmd *cobra.Command) error {
	if f.resume == "" {
		return nil
	}
	if f.out != "" {
		return fmt.Errorf("--resume %s goes on in that directory: leave --out away", f.resume)
	}
	p, err := report.ReadPlan(f.resume)
	if err != nil {
		return err
	}
	f.out = f.resume
	for flag, take := range map[string]func(){
		"client": func() { f.clients = []string{p.Client} },
		"mode":   func() { f.mode = string(p.Mode) },
		"seed":   func() { f.seed = p.Seed },
		"box":    func() { f.box = p.Product },
		"file":   func() { f.file = p.File },
		"case":   func() { f.cases = p.Select },
		"all":    func() { f.all = p.All },
		"known":  func() { f.known = p.Known },
		"strict": func() { f.strict = p.Strict },
	} {
		if !cmd.Flags().Changed(flag) {
			take()
		}
	}
	return nil
}

// plan is what this call is going to do.
func (f *certifyFlags) plan(cases []catalogue.Case) report.Plan {
	p := report.Plan{
		Client: f.subject.value, Mode: rig.Mode(f.mode), Seed: f.seed, Product: f.box, File: f.file,
		Select: f.cases, All: f.all, Known: f.known, Strict: f.strict,
	}
	if f.subject.file != nil {
		sum := sha256.Sum256(f.subject.file.Source)
		p.Digest = hex.EncodeToString(sum[:])
	}
	for _, c := range cases {
		p.Cases = append(p.Cases, c.ID)
	}
	return p
}

// begin makes the run directory, or opens the one to go on in, and returns what
// was finished there.
func (f *certifyFlags) begin(cases []catalogue.Case) (report.RunDir, map[string]rig.Outcome, error) {
	if f.resume != "" {
		return f.reopen(cases)
	}
	dir, err := f.directory()
	if err == nil {
		err = dir.Begin(f.plan(cases))
	}
	return dir, nil, err
}

func (f *certifyFlags) reopen(cases []catalogue.Case) (dir report.RunDir, done map[string]rig.Outcome, err error) {
	p, err := report.ReadPlan(f.resume)
	if err != nil {
		return dir, nil, err
	}
	if other := p.Differs(f.plan(cases)); other != "" {
		return dir, nil, fmt.Errorf("cannot go on with %s: %s; begin a new run", f.resume, other)
	}
	done, err = report.Finished(f.resume)
	return report.RunDir{Path: f.resume}, done, err
}
