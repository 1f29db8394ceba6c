package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/report"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/virtual"
	"gauntlet/proxies/netns"
)

// certifyFlags are what certify was asked for, as it was written.
type certifyFlags struct {
	certify.Options
	clients []string
	mode    string
	timeout time.Duration
	json    bool
	lines   bool
	verbose bool
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
			err := f.restore(cmd)
			if err == nil {
				err = f.check(cmd)
			}
			if err != nil {
				return err
			}
			return f.certify(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	c.Flags().StringArrayVar(&f.clients, "client", []string{certify.BuiltIn}, "client under test: built-in, mutant:NAME (see gauntlet list --mutants), or the FILE.yaml of a program; may be repeated")
	c.Flags().StringVar(&f.mode, "mode", "", "virtual: in memory, in virtual time, the default but for programs; loopback: real sockets on this machine; netns: real interception, in network namespaces, the default for programs")
	c.Flags().BoolVar(&f.NoNamespace, "no-namespace", false, "run programs on plain loopback, where nobody sees what else they connect to")
	c.Flags().StringVar(&f.Box, "box", "", "a real proxy in place of the forward box: "+strings.Join(certify.Products(), ", ")+", FILE.yaml that describes another, or a product's own file, such as squid.conf; on loopback")
	c.Flags().Uint64Var(&f.Seed, "seed", 1, "seed of all that is drawn by chance")
	c.Flags().BoolVar(&f.json, "json", false, "print the results as a JSON array and nothing else")
	registerPage(c, &f.Reports, certify.PageName+" in the run directory")
	c.Flags().StringVar(&f.Out, "out", "", "directory for results and histories; a new one below out/ if not given")
	c.Flags().StringVar(&f.Resume, "resume", "", "directory of a run that was ended in the middle: go on from there, with the same client, seed and cases")
	c.Flags().BoolVar(&f.lines, "lines", false, "a line for each case, also on a terminal")
	c.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "of cases that passed, too, all that went over the wire")
	c.Flags().StringVar(&f.KnownFile, "known", "", "YAML list of failures that are known of this client: case, reason, flaky")
	c.Flags().BoolVar(&f.Strict, "strict", false, "a should that fails counts as well")
	f.registerChoice(c)
	registerReports(c, &f.Reports)
	c.Flags().StringVar(&f.Certificate.File, "certificate", "", "write a certificate on the run to this file; gauntlet verify checks it")
	c.Flags().StringVar(&f.Certificate.Key, "key", "", "sign it with this private key (see gauntlet keygen)")
	c.Flags().DurationVar(&f.Silence, "silence", 0, "real time after which a worker without a word is ended; 30s if not given")
	_ = c.Flags().MarkHidden("silence") // it is there
	return c
}

// registerChoice adds the flags that say which cases run, and how many of them
// at a time.
func (f *certifyFlags) registerChoice(c *cobra.Command) {
	c.Flags().StringSliceVar(&f.Cases, "case", nil, "ids of the cases to run, * stands for anything, @FILE for those in a file; all if not given")
	c.Flags().StringSliceVar(&f.Skip, "skip", nil, "ids of cases that are not run, as for --case")
	c.Flags().IntVar(&f.Parallel, "parallel", 0, "how many cases run at a time; what the mode can bear if not given")
	c.Flags().StringVar(&f.PauseBefore, "pause-before", "", "wait before this case, for a debugger, until Enter; cases run one at a time, programs on plain loopback")
	c.Flags().DurationVar(&f.timeout, "timeout", 0, "time after which the run is ended; --resume goes on from there")
	registerQueue(c, &f.Queue)
	c.Flags().StringVar(&f.File, "file", "", "a case file of your own in place of the catalogue; all of it runs, in real time too")
	c.Flags().BoolVar(&f.All, "all", false, "in real time, all cases of the catalogue that can be run; else one for each class of requirement, landmark and effect")
	c.Flags().StringSliceVar(&f.Levels, "level", nil, "run the cases of these levels (see gauntlet list --levels), beside those that --case names")
}

// restore takes what the call leaves open from the run that it goes on with.
func (f *certifyFlags) restore(cmd *cobra.Command) error {
	if f.Resume == "" {
		return nil
	}
	if f.Out != "" {
		return fmt.Errorf("--resume %s goes on in that directory: leave --out away", f.Resume)
	}
	p, err := report.ReadPlan(f.Resume)
	if err != nil {
		return err
	}
	if err := f.mayRun(cmd, p); err != nil {
		return err
	}
	f.Out = f.Resume
	for flag, take := range map[string]func(){
		"client": func() { f.clients = []string{p.Client} },
		"mode":   func() { f.mode = string(p.Mode) },
		"seed":   func() { f.Seed = p.Seed },
		"box":    func() { f.Box = p.Product },
		"file":   func() { f.File = p.File },
		"case":   func() { f.Cases = p.Select },
		"skip":   func() { f.Skip = p.Skip },
		"all":    func() { f.All = p.All },
		"known":  func() { f.KnownFile = p.Known },
		"strict": func() { f.Strict = p.Strict },
	} {
		if !cmd.Flags().Changed(flag) {
			take()
		}
	}
	return nil
}

// mayRun asks for a word before programs run that only the directory's plan
// names: whoever made the directory may have been somebody else. The call that
// has put us into namespaces has asked.
func (f *certifyFlags) mayRun(cmd *cobra.Command, p report.Plan) error {
	if netns.Inside() {
		return nil
	}
	var errs []error
	for _, program := range []struct{ flag, file string }{{"client", p.Client}, {"box", p.Product}} {
		if cmd.Flags().Changed(program.flag) || !certify.RunsFile(program.file) {
			continue
		}
		if !agreed(cmd.ErrOrStderr(), f.Resume, program.file) {
			errs = append(errs, fmt.Errorf("the plan of %s would run the program of %s: if that is meant, say --%s %s", f.Resume, program.file, program.flag, quoted(program.file)))
		}
	}
	return errors.Join(errs...)
}

// agreed asks a person; where there is none, nobody agrees.
func agreed(aside io.Writer, dir, file string) bool {
	if s, ours := aside.(*screen); !ours || !s.person() || !term.IsTerminal(int(os.Stdin.Fd())) {
		return false
	}
	fmt.Fprintf(aside, "the plan of %s runs the program of %s. Run it? [y/N] ", dir, file)
	answer, _ := bufio.NewReader(os.Stdin).ReadString('\n') // an end is a no
	return strings.EqualFold(strings.TrimSpace(answer), "y") || strings.EqualFold(strings.TrimSpace(answer), "yes")
}

// check reads what is written in files, and refuses numbers that mean nothing.
func (f *certifyFlags) check(cmd *cobra.Command) error {
	var errs []error
	refuse := func(wrong bool, format string, words ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, words...))
		}
	}
	refuse(cmd.Flags().Changed("parallel") && f.Parallel < 1, "--parallel %d: want 1 or more", f.Parallel)
	refuse(f.NoNamespace && f.mode == string(rig.Netns), "--mode netns is in namespaces and --no-namespace forbids them: leave one away, or say --mode loopback")
	refuse(cmd.Flags().Changed("timeout") && f.timeout <= 0, "--timeout %s: want a length of time such as 30s or 5m", f.timeout)
	const nothing = "--%[1]s \"\": nothing is named; leave --%[1]s away if all is meant"
	refuse(cmd.Flags().Changed("case") && len(f.Cases) == 0, nothing, "case")
	refuse(cmd.Flags().Changed("level") && len(f.Levels) == 0, nothing, "level")
	var cases, skip error
	f.Cases, cases = globsOf(f.Cases)
	f.Skip, skip = globsOf(f.Skip)
	return errors.Join(append(errs, cases, skip)...)
}

// certify has the clients certified and shows it; its error is a usage error or
// the gravest exit code.
func (f *certifyFlags) certify(ctx context.Context, out, aside io.Writer) (err error) {
	virtual.BoundHeap()
	o := f.Options
	if o.Clients, err = certify.FindClients(f.clients, findClient); err != nil {
		return err
	}
	o.Library, o.Mode, o.Worker, o.Reproduce, o.Reference = library(), rig.Mode(f.mode), worker(), f.reproduce, builtin.New()
	o.Reports.Summary = cmp.Or(o.Reports.Summary, os.Getenv("GITHUB_STEP_SUMMARY"))
	if enter, err := settle(ctx, &o, aside); enter || err != nil {
		if err != nil {
			return err
		}
		return inNamespaces(ctx)
	}
	if len(o.Clients) > 1 && f.json {
		return errors.New("--json prints one array for one client: name one, or read the run directories")
	}
	if f.timeout > 0 {
		limited, cancel := context.WithTimeout(ctx, f.timeout)
		defer cancel()
		ctx = limited
	}
	o.Pause = pauseOf(f.PauseBefore, aside)
	show := newDisplay(out, f)
	o.Watch = show.watch()
	end := show.pulse.beat()
	results, err := certify.Run(ctx, o)
	end()
	if len(results) > 0 && len(o.Clients) > 1 && results[0].Page != "" {
		tellPage(out, results[0].Page)
	}
	tellShares(aside, results)
	if code := certify.Gravest(results); err == nil && code != report.Sound {
		return exit(code)
	}
	return err
}

// settle settles where the clients run, and says so if that is less than was
// possible elsewhere; enter says that this is to be done in namespaces.
func settle(ctx context.Context, o *certify.Options, aside io.Writer) (enter bool, err error) {
	enter, why := o.Settle(ctx)
	if why != nil && ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if why != nil {
		fmt.Fprintf(aside, "on plain loopback, where dials are not seen: %v\n", why)
	}
	o.NoNamespace = o.NoNamespace || why != nil
	return enter, nil
}

// pauseOf waits until somebody presses Enter, and says for what.
func pauseOf(id string, aside io.Writer) func(context.Context, int) error {
	return func(ctx context.Context, pid int) error {
		what := fmt.Sprintf("process %d will run it: dlv attach %d", pid, pid)
		if pid == os.Getpid() {
			what = fmt.Sprintf("process %d will start the program: gdb -p %d -ex 'set follow-fork-mode child'", pid, pid)
		}
		fmt.Fprintf(aside, "paused before %s; %s; Enter goes on\n", id, what)
		pressed := make(chan error, 1)
		go func() { // it may wait for ever, if nobody does and the run is ended
			_, err := bufio.NewReader(os.Stdin).ReadString('\n')
			pressed <- err
		}()
		select {
		case err := <-pressed:
			if err != nil {
				return fmt.Errorf("--pause-before %s: nobody is there to press Enter: %w", id, err)
			}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tellShares says who performed how much, where others worked along.
func tellShares(aside io.Writer, results []certify.Result) {
	for _, r := range results {
		for _, by := range slices.Sorted(maps.Keys(r.By)) {
			fmt.Fprintf(aside, "%s performed %s\n", by, plural(r.By[by], "run"))
		}
	}
}

// inNamespaces does the whole call once more where networks can be made, if
// this machine allows it.
func inNamespaces(ctx context.Context) error {
	err := rig.CheckMode(ctx, rig.Netns)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	code, err := netns.Reexec(ctx)
	if err == nil && code != report.Sound {
		return exit(code)
	}
	return err
}

// usualMode is where clients are run if nothing else is asked for; programs
// where the machine allows.
var usualMode = map[bool]string{false: string(rig.Virtual)}

// reproduce is the command that runs one case alone, as this one was called.
func (f *certifyFlags) reproduce(o certify.Options, id string) string {
	words := []string{program(), "certify", "--case", id}
	client := o.Clients[0]
	for _, flag := range []struct{ name, value, usual string }{
		{"client", client.Value, certify.BuiltIn},
		{"mode", string(o.Mode), usualMode[client.Program()]},
		{"box", o.Box, ""},
		{"file", o.File, ""},
		{"silence", o.Silence.String(), "0s"},
	} {
		if flag.value != flag.usual {
			words = append(words, "--"+flag.name, quoted(flag.value))
		}
	}
	if o.Strict {
		words = append(words, "--strict")
	}
	return strings.Join(append(words, "--seed", fmt.Sprint(o.Seed)), " ")
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
