package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gauntlet/fixtures"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/servers"
	"gauntlet/harness/report"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/profile"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
)

// atOnce is how many cases run at a time on real sockets: they mostly wait.
const atOnce = 48

// runner finds the way to perform cases.
func (f *certifyFlags) runner() (rig.Runner, error) {
	if err := f.subject.runsIn(rig.Mode(f.mode)); err != nil {
		return nil, err
	}
	var err error
	if f.real, err = findBox(f.box); err != nil {
		return nil, err
	}
	switch o := f.options(); {
	case !slices.Contains([]rig.Mode{rig.Virtual, rig.Loopback, rig.Netns}, o.Mode):
		return nil, fmt.Errorf("no mode %q; say %s, %s or %s", f.mode, rig.Virtual, rig.Loopback, rig.Netns)
	case f.box != "" && o.Mode != rig.Loopback:
		return nil, fmt.Errorf("--box %s is a real program and needs --mode %s", f.box, rig.Loopback)
	default:
		return f.performer(o), nil
	}
}

// performer performs cases with any client in the run's mode and through its
// box.
func (f *certifyFlags) performer(o rig.Options) rig.Runner {
	switch {
	case o.Mode == rig.Netns, o.Mode == rig.Loopback && o.ClientKind != adapter.InProcess:
		return rig.InProcess(o, atOnce) // a program of its own takes no other case along
	case o.Mode == rig.Loopback:
		args := []string{"worker", "--mode", f.mode, "--box", f.box}
		return rig.InWorkers(virtual.Pool{Args: args, Workers: atOnce, Silence: f.silence}, o)
	}
	return rig.InWorkers(virtual.Pool{Args: []string{"worker"}, Silence: f.silence}, o)
}

// reference runs cases with the reference client in the same world. In virtual
// time the catalogue needs none: that it can be passed is known.
func (f *certifyFlags) reference() rig.Runner {
	if rig.Mode(f.mode) == rig.Virtual && f.file == "" {
		return nil
	}
	o := f.options()
	o.ClientKind, o.ClientName, o.Client, o.Pace = adapter.InProcess, builtIn, builtin.New(), 0
	return f.performer(o)
}

// selection is the cases that were asked for: of the catalogue, in real time,
// one for each class, unless some are named. A file that is named runs whole.
func (f *certifyFlags) selection() ([]catalogue.Case, error) {
	files, root := fixtures.Files(), fixtures.Cases
	if f.file != "" {
		files, root = anywhere{}, f.file
	}
	words, err := vocabulary()
	if err != nil {
		return nil, err
	}
	cases, err := catalogue.Load(files, root, words)
	if err != nil {
		return nil, err
	}
	if cases, err = catalogue.Select(cases, f.cases...); err != nil {
		return nil, err
	}
	cases = f.subject.drivenBy(cases)
	if rig.Mode(f.mode) != rig.Virtual && f.file == "" && len(f.cases) == 0 && !f.all {
		return f.affordable(cases), nil
	}
	return cases, nil
}

// longestReal is the longest script that is run in real time unless it is
// asked for; longestThrough is that for a real proxy, of which there are many.
const (
	longestReal    = time.Minute
	longestThrough = 30 * time.Second
)

// possible tells whether the mode and the product can express a case.
func (f *certifyFlags) possible(c catalogue.Case) bool {
	return rig.Inexpressible(c, f.options()) == ""
}

// options is what each case is run with.
func (f *certifyFlags) options() rig.Options {
	s := f.subject
	return rig.Options{
		Speaks: servers.MSN(),
		Mode:   rig.Mode(f.mode), Client: s.make, ClientKind: s.kind, Abilities: s.abilities(), ClientName: s.name, Seed: f.seed, Product: f.real.product, Pace: f.pace,
		HearsOff: s.file != nil && s.file.HearsOff(), Authority: f.authority, CA: f.ca,
	}
}

// affordable are the cases for real time, one for each class.
func (f *certifyFlags) affordable(cases []catalogue.Case) []catalogue.Case {
	if f.real.product == nil {
		return catalogue.Affordable(cases, f.possible, longestReal)
	}
	cases = slices.DeleteFunc(cases, func(c catalogue.Case) bool { return f.possible(c) && beside(c) })
	return catalogue.Affordable(cases, f.possible, longestThrough)
}

// beside tells of a case that says nothing of a real proxy: it goes past it, or
// asks less than a must of the client.
func beside(c catalogue.Case) bool {
	return len(c.Chain) == 0 || c.Level != "" && c.Level != requirement.Must
}

// vocabulary is what the words in a case may be, with the boxes that have
// names.
func vocabulary() (catalogue.Vocabulary, error) {
	profiles, err := profile.Load(fixtures.Files(), fixtures.Boxes)
	if err != nil {
		return catalogue.Vocabulary{}, err
	}
	return servers.Vocabulary(profile.Table(profiles)), nil
}

// anywhere opens files by the names that the user gives them, so that these
// are the names in messages too. fs.FS proper knows neither / nor .. in front.
type anywhere struct{}

// Open opens the file of that name.
func (anywhere) Open(name string) (fs.File, error) { return os.Open(name) }

// directory makes the run directory before anything runs.
func (f *certifyFlags) directory() (report.RunDir, error) {
	if f.out == "" {
		f.out = newOut()
	}
	return report.NewRunDir(f.out)
}

// newOut is a new directory for a run.
func newOut() string { return filepath.Join("out", time.Now().Format("2006-01-02T15-04-05.000")) }

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
