package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gauntlet/fixtures"
	"gauntlet/harness/catalogue"
	"gauntlet/harness/report"
	"gauntlet/harness/rig"
	"gauntlet/harness/virtual"
)

// atOnce is how many cases run at a time on real sockets: they mostly wait.
const atOnce = 32

// certifyFlags are what certify was asked for.
type certifyFlags struct {
	client string
	mode   string
	box    string
	cases  []string
	file   string
	seed   uint64
	json   bool
	out    string
	lines  bool

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
	c.Flags().StringVar(&f.mode, "mode", string(rig.Virtual), "virtual: in memory, in virtual time; loopback: real sockets on this machine")
	c.Flags().StringVar(&f.box, "box", "", "a real proxy in place of the forward box: "+strings.Join(rig.Products(), ", ")+"; needs --mode loopback")
	c.Flags().StringSliceVar(&f.cases, "case", nil, "ids of the cases to run, * stands for anything; all if not given")
	c.Flags().StringVar(&f.file, "file", "", "a case file of your own in place of the catalogue")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of all that is drawn by chance")
	c.Flags().BoolVar(&f.json, "json", false, "print the results as a JSON array and nothing else")
	c.Flags().StringVar(&f.out, "out", "", "directory for results and histories; a new one below out/ if not given")
	c.Flags().BoolVar(&f.lines, "lines", false, "a line for each case, also on a terminal")
	c.Flags().DurationVar(&f.silence, "silence", 0, "real time after which a worker without a word is ended; 30s if not given")
	_ = c.Flags().MarkHidden("silence") // it is there
	return c
}

// certify runs the cases; its error is a usage error or an exit code.
func (f *certifyFlags) certify(ctx context.Context, out io.Writer) error {
	runner, err := f.runner()
	if err != nil {
		return err
	}
	cases, err := f.selection()
	if err != nil {
		return err
	}
	dir, err := f.directory()
	if err != nil {
		return err
	}
	c := &certification{flags: f, dir: dir, show: newDisplay(out, f, len(cases))}
	suite := rig.Suite{Run: runner, Done: c.done}
	err = suite.Certify(ctx, cases)
	c.show.end()
	return c.finish(out, len(cases), err)
}

// certification gathers the outcomes of one call.
type certification struct {
	flags    *certifyFlags
	dir      report.RunDir
	show     display
	outcomes []rig.Outcome
	stored   error
}

func (c *certification) done(o rig.Outcome) {
	o.Result.Reproduce = c.flags.reproduce(o.Case)
	if err := c.dir.Add(o); err != nil {
		c.stored = errors.Join(c.stored, err)
	}
	c.show.outcome(o)
	if !o.Control {
		c.outcomes = append(c.outcomes, o)
	}
}

// finish writes the summary and turns it into an exit code.
func (c *certification) finish(out io.Writer, wanted int, err error) error {
	results := make([]rig.Result, len(c.outcomes))
	for i, o := range c.outcomes {
		results[i] = o.Result
	}
	code := report.ExitCode(results)
	if err != nil || c.stored != nil {
		code = report.Unusable
	}
	c.stored = errors.Join(c.stored, c.dir.Finish(report.Summary{
		Client: c.flags.client, Mode: rig.Mode(c.flags.mode), Seed: c.flags.seed, Product: c.flags.box,
		Exit: code, Counts: report.Counts(c.outcomes), Cases: ids(c.outcomes),
	}))
	if c.flags.json {
		if err := report.JSON(out, results); err != nil {
			return err
		}
	} else {
		report.Terminal{Out: out, Colour: c.show.colour}.Summary(c.outcomes)
		fmt.Fprintf(out, "results and histories are in %s\n", c.dir.Path)
	}
	return c.verdict(wanted, code, err)
}

func (c *certification) verdict(wanted, code int, err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(os.Stderr, "gauntlet: interrupted after %d of %d cases; what was finished is in %s\n", len(c.outcomes), wanted, c.dir.Path)
	case err != nil:
		return err
	case c.stored != nil:
		return c.stored
	}
	if code != report.Sound {
		return exit(code)
	}
	return nil
}

func ids(outcomes []rig.Outcome) []string {
	list := make([]string, len(outcomes))
	for i, o := range outcomes {
		list[i] = o.Case.ID
	}
	return list
}

// runner finds the way to perform cases.
func (f *certifyFlags) runner() (rig.Runner, error) {
	factory, err := findClient(f.client)
	if err != nil {
		return nil, err
	}
	o := rig.Options{Mode: rig.Mode(f.mode), Client: factory, ClientName: f.client, Seed: f.seed, Product: f.box}
	switch o.Mode {
	case rig.Virtual:
		if f.box != "" {
			return nil, fmt.Errorf("--box %s is a real program and needs --mode loopback", f.box)
		}
		return rig.InWorkers(virtual.Pool{Args: []string{"worker"}, Silence: f.silence}, o), nil
	case rig.Loopback:
		if err := rig.CheckProduct(f.box); err != nil {
			return nil, err
		}
		return rig.InProcess(o, atOnce), nil
	}
	return nil, fmt.Errorf("no mode %q; say virtual or loopback", f.mode)
}

func (f *certifyFlags) selection() ([]catalogue.Case, error) {
	files, dir := fixtures.Files(), fixtures.Cases
	if f.file != "" {
		files, dir = os.DirFS(filepath.Dir(f.file)), filepath.Base(f.file)
	}
	cases, err := catalogue.Load(files, dir, rig.Vocabulary())
	if err != nil {
		return nil, err
	}
	return catalogue.Select(cases, f.cases...)
}

// directory makes the run directory before anything runs.
func (f *certifyFlags) directory() (report.RunDir, error) {
	if f.out == "" {
		f.out = filepath.Join("out", time.Now().Format("2006-01-02T15-04-05.000"))
	}
	return report.NewRunDir(f.out)
}

// reproduce is the command that runs one case alone, as this one was called.
func (f *certifyFlags) reproduce(c catalogue.Case) string {
	words := []string{program(), "certify", "--case", c.ID}
	if strings.Contains(c.ID, " ") {
		return "" // a control is run by the cases that lean on it
	}
	for _, flag := range [][2]string{{"client", f.client}, {"mode", f.mode}, {"box", f.box}, {"file", f.file}} {
		if value := flag[1]; value != "" && value != builtIn && value != string(rig.Virtual) {
			words = append(words, "--"+flag[0], value)
		}
	}
	return strings.Join(append(words, "--seed", fmt.Sprint(f.seed)), " ")
}

// program is how this command was called: by its name, or through go run.
func program() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go run ./harness/cmd/gauntlet"
	}
	return os.Args[0]
}
