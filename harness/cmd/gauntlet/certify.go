package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gauntlet/harness/report"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/edition"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/authority"
	"gauntlet/proxies/netns"
)

// certifyFlags are what certify was asked for.
type certifyFlags struct {
	clients []string
	mode    string
	box     string
	cases   []string
	file    string
	seed    uint64
	json    bool
	html    bool
	out     string
	resume  string
	lines   bool
	known   string
	strict  bool
	all     bool
	exports
	certificates

	real      realBox              // that the box stands for
	pace      time.Duration        // of the client, as the self-check has measured it
	authority *authority.Authority // of what a program has to trust, with the file in which it finds the certificate
	ca        string
	plain     bool          // no namespaces
	programs  rig.Mode      // where programs are run, unless mode says it
	subject   subject       // of these clients the one whose turn it is
	silence   time.Duration // after which a worker is given up; for specs, which do not want to wait
}

func certifyCommand() *cobra.Command {
	var f certifyFlags
	c := &cobra.Command{
		Use:   "certify",
		Short: "Run a client through the cases and judge it",
		Long: `Run a client through the cases and judge it.

Exit code 0: all that was asked was judged and passed. 1: the client broke a
must. 2: something of ours is broken, or the call was wrong. 3: nothing was
proved, or something could not be concluded.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.restore(cmd); err != nil {
				return err
			}
			return f.certify(cmd.Context(), cmd.OutOrStdout())
		},
	}
	c.Flags().StringArrayVar(&f.clients, "client", []string{builtIn}, "client under test: built-in, mutant:NAME (see gauntlet list --mutants), or the FILE.yaml of a program; may be repeated")
	c.Flags().StringVar(&f.mode, "mode", "", "virtual: in memory, in virtual time, the default but for programs; loopback: real sockets on this machine; netns: real interception, in network namespaces, the default for programs")
	c.Flags().BoolVar(&f.plain, "no-namespace", false, "run programs on plain loopback, where nobody sees what else they connect to")
	c.Flags().StringVar(&f.box, "box", "", "a real proxy in place of the forward box: "+strings.Join(products(), ", ")+", or FILE.yaml that describes another; needs --mode loopback")
	c.Flags().StringSliceVar(&f.cases, "case", nil, "ids of the cases to run, * stands for anything; all if not given")
	c.Flags().StringVar(&f.file, "file", "", "a case file of your own in place of the catalogue; all of it runs, in real time too")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of all that is drawn by chance")
	c.Flags().BoolVar(&f.json, "json", false, "print the results as a JSON array and nothing else")
	c.Flags().BoolVar(&f.html, "html", false, "write "+pageName+" into the run directory: a page for a browser")
	c.Flags().StringVar(&f.out, "out", "", "directory for results and histories; a new one below out/ if not given")
	c.Flags().StringVar(&f.resume, "resume", "", "directory of a run that was ended in the middle: go on from there, with the same client, seed and cases")
	c.Flags().BoolVar(&f.lines, "lines", false, "a line for each case, also on a terminal")
	c.Flags().StringVar(&f.known, "known", "", "YAML list of failures that are known of this client: case, reason, flaky")
	c.Flags().BoolVar(&f.all, "all", false, "in real time, all cases of the catalogue that can be run; else one for each class of requirement, landmark and effect")
	c.Flags().BoolVar(&f.strict, "strict", false, "a should that fails counts as well")
	f.register(c)
	f.registerCertificate(c)
	c.Flags().DurationVar(&f.silence, "silence", 0, "real time after which a worker without a word is ended; 30s if not given")
	_ = c.Flags().MarkHidden("silence") // it is there
	return c
}

// certify judges one client after the other; its error is a usage error or the
// gravest exit code.
func (f *certifyFlags) certify(ctx context.Context, out io.Writer) error {
	subjects, err := findSubjects(f.clients)
	if err != nil {
		return err
	}
	f.settle(ctx, subjects, os.Stderr)
	if f.wantsNamespaces(subjects) && !netns.Inside() {
		return inNamespaces(ctx)
	}
	if len(subjects) == 1 {
		return f.turnTo(subjects[0]).certifyOne(ctx, out)
	}
	return f.certifyEach(ctx, out, subjects)
}

// wantsNamespaces tells whether any of the clients is run in namespaces.
func (f *certifyFlags) wantsNamespaces(subjects []subject) bool {
	return slices.ContainsFunc(subjects, func(s subject) bool { return rig.Mode(f.turnTo(s).mode) == rig.Netns })
}

// turnTo are the same flags for one client.
func (f *certifyFlags) turnTo(s subject) *certifyFlags {
	turn := *f
	turn.subject = s
	if turn.mode == "" {
		turn.mode = string(rig.Virtual)
		if s.kind != adapter.InProcess {
			turn.mode = string(f.programs)
		}
	}
	return &turn
}

// certifyOne runs the cases; its error is a usage error or an exit code.
func (f *certifyFlags) certifyOne(ctx context.Context, out io.Writer) error {
	if _, err := f.runner(); err != nil { // whatever is wrong with the call is said first
		return err
	}
	newest, err := newestEdition()
	if err != nil {
		return err
	}
	if err := f.addLevels(newest); err != nil {
		return err
	}
	cases, err := f.selection()
	if err != nil {
		return err
	}
	known, err := f.knownFailures(cases)
	if err != nil {
		return err
	}
	if err := errors.Join(f.prepare(f.out), f.ready(cases, newest, f.out)); err != nil {
		return err
	}
	dir, finished, err := f.begin(cases)
	if err != nil {
		return err
	}
	if err := f.introduce(ctx, out, dir); err != nil {
		return err
	}
	runner, err := f.runner() // which knows the client now
	if err != nil {
		return err
	}
	c := &certification{flags: f, cases: cases, edition: newest, dir: dir, known: known, show: newDisplay(out, f, len(cases))}
	suite := rig.Suite{Run: rig.Continued(runner, finished), Reference: f.reference(), Runs: f.possible, ConcurrentControls: rig.Mode(f.mode) != rig.Virtual, Done: c.done}
	err = suite.Certify(ctx, cases)
	c.show.end()
	return c.finish(out, err)
}

// knownFailures are those of the client, of the list and of the client's file,
// and, among the cases at hand, those of the real proxy and of the file: a file
// is not written for one selection.
func (f *certifyFlags) knownFailures(cases []catalogue.Case) (list report.KnownFailures, err error) {
	if f.known != "" {
		if list, err = report.ReadKnown(f.known); err != nil {
			return nil, err
		}
	}
	return append(append(list, f.subject.known().Fitting(cases)...), f.real.known.Fitting(cases)...), nil
}

// addLevels adds the cases of the levels that were named to those of --case.
func (f *certifyFlags) addLevels(e edition.Edition) error {
	ids, err := casesOfLevels(e, f.levels, f.subject.kind)
	f.cases = append(f.cases, ids...)
	return err
}

// gravity orders the exit codes of several clients: what is broken hides
// everything, and what was not concluded only a pass.
var gravity = []int{report.Sound, report.Unproved, report.Failed, report.Unusable}

// certifyEach judges several clients, each with a directory of its own below
// the run's.
func (f *certifyFlags) certifyEach(ctx context.Context, out io.Writer, subjects []subject) error {
	if f.json {
		return errors.New("--json prints one array for one client: name one, or read the run directories")
	}
	if f.out == "" {
		f.out = newOut()
	}
	code := report.Sound
	for _, s := range subjects {
		turn := f.turnTo(s)
		turn.out = filepath.Join(f.out, report.FileName(s.name))
		turn.apart(report.FileName(s.name))
		turn.certificate = withName(turn.certificate, report.FileName(s.name))
		fmt.Fprintf(out, "client %s\n", s.name)
		err := turn.certifyOne(ctx, out)
		var c exit
		if err != nil && !errors.As(err, &c) {
			return err
		}
		if slices.Index(gravity, int(c)) > slices.Index(gravity, code) {
			code = int(c)
		}
	}
	if code != report.Sound {
		return exit(code)
	}
	return nil
}

// reproduce is the command that runs one case alone, as this one was called.
func (f *certifyFlags) reproduce(id string) string {
	words := []string{program(), "certify", "--case", id}
	for _, flag := range []struct{ name, value, usual string }{
		{"client", f.subject.value, builtIn},
		{"mode", f.mode, usualMode[f.subject.kind]},
		{"box", f.box, ""},
		{"file", f.file, ""},
		{"silence", f.silence.String(), "0s"},
	} {
		if flag.value != flag.usual {
			words = append(words, "--"+flag.name, quoted(flag.value))
		}
	}
	if f.strict {
		words = append(words, "--strict")
	}
	return strings.Join(append(words, "--seed", fmt.Sprint(f.seed)), " ")
}

// program is how this command was called: by its name, or through go run.
func program() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go run ./harness/cmd/gauntlet"
	}
	return quoted(os.Args[0])
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=@%+,", r)
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
