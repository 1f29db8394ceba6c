package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gauntlet/harness/catalogue"
	"gauntlet/harness/edition"
	"gauntlet/harness/report"
	"gauntlet/harness/rig"
	"gauntlet/proxies/netns"
)

// certifyFlags are what certify was asked for.
type certifyFlags struct {
	client string
	mode   string
	box    string
	cases  []string
	file   string
	seed   uint64
	json   bool
	html   bool
	out    string
	lines  bool
	known  string
	strict bool
	all    bool
	exports
	certificates

	real    realBox       // that the box stands for
	silence time.Duration // after which a worker is given up; for specs, which do not want to wait
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
		RunE: func(cmd *cobra.Command, _ []string) error { return f.certify(cmd.Context(), cmd.OutOrStdout()) },
	}
	c.Flags().StringVar(&f.client, "client", builtIn, "client under test: built-in, or mutant:NAME (see gauntlet list --mutants)")
	c.Flags().StringVar(&f.mode, "mode", string(rig.Virtual), "virtual: in memory, in virtual time; loopback: real sockets on this machine; netns: real interception, in network namespaces")
	c.Flags().StringVar(&f.box, "box", "", "a real proxy in place of the forward box: "+strings.Join(products(), ", ")+", or FILE.yaml that describes another; needs --mode loopback")
	c.Flags().StringSliceVar(&f.cases, "case", nil, "ids of the cases to run, * stands for anything; all if not given")
	c.Flags().StringVar(&f.file, "file", "", "a case file of your own in place of the catalogue")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of all that is drawn by chance")
	c.Flags().BoolVar(&f.json, "json", false, "print the results as a JSON array and nothing else")
	c.Flags().BoolVar(&f.html, "html", false, "write "+pageName+" into the run directory: a page for a browser")
	c.Flags().StringVar(&f.out, "out", "", "directory for results and histories; a new one below out/ if not given")
	c.Flags().BoolVar(&f.lines, "lines", false, "a line for each case, also on a terminal")
	c.Flags().StringVar(&f.known, "known", "", "YAML list of failures that are known of this client: case, reason, flaky")
	c.Flags().BoolVar(&f.all, "all", false, "in real time, all cases that can be run; else one for each class of requirement, landmark and effect")
	c.Flags().BoolVar(&f.strict, "strict", false, "a should that fails counts as well")
	f.register(c)
	f.registerCertificate(c)
	c.Flags().DurationVar(&f.silence, "silence", 0, "real time after which a worker without a word is ended; 30s if not given")
	_ = c.Flags().MarkHidden("silence") // it is there
	return c
}

// certify runs the cases; its error is a usage error or an exit code.
func (f *certifyFlags) certify(ctx context.Context, out io.Writer) error {
	if rig.Mode(f.mode) == rig.Netns && !netns.Inside() {
		return inNamespaces(ctx)
	}
	runner, err := f.runner()
	if err != nil {
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
	if err := errors.Join(f.prepare(), f.ready(cases, newest)); err != nil {
		return err
	}
	dir, err := f.directory()
	if err != nil {
		return err
	}
	c := &certification{flags: f, cases: cases, edition: newest, dir: dir, known: known, show: newDisplay(out, f, len(cases))}
	suite := rig.Suite{Run: runner, Runs: f.possible, Done: c.done}
	err = suite.Certify(ctx, cases)
	c.show.end()
	return c.finish(out, err)
}

// knownFailures are those of the client, and those of the real proxy among the
// cases at hand.
func (f *certifyFlags) knownFailures(cases []catalogue.Case) (report.KnownFailures, error) {
	boxs := f.real.known.Fitting(cases)
	if f.known == "" {
		return boxs, nil
	}
	clients, err := report.ReadKnown(f.known)
	return append(clients, boxs...), err
}

// addLevels adds the cases of the levels that were named to those of --case.
func (f *certifyFlags) addLevels(e edition.Edition) error {
	ids, err := casesOfLevels(e, f.levels)
	f.cases = append(f.cases, ids...)
	return err
}
