// Command gauntlet reports whether a client's session survives the network that
// it will really meet.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"gauntlet/harness/report"
	"gauntlet/proxies/netns"
)

// exit carries an exit code through cobra; what there is to say was said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

func main() {
	ctx := untilSignal()
	if err := netns.PlayRole(); err != nil {
		fmt.Fprintln(os.Stderr, "gauntlet:", err)
		os.Exit(report.Unusable)
	}
	os.Exit(run(ctx, os.Args[1:], &screen{to: os.Stdout}, &screen{to: os.Stderr}))
}

// interrupted is a signal that ended a call.
type interrupted struct{ syscall.Signal }

func (i interrupted) Error() string { return "interrupted" }

// Is says that it is what a context ends with.
func (i interrupted) Is(target error) bool { return target == context.Canceled }

// unusable is what is wrong with a call that a signal ends as a rule.
type unusable struct{ error }

// untilSignal is a context that ends with the first signal; a second ends us at
// once.
func untilSignal() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s, _ := (<-signals).(syscall.Signal)
		signal.Stop(signals)
		cancel(interrupted{s})
	}()
	return ctx
}

// run is one call of the command, and its exit code. One that a signal cut short
// ends as a shell expects of it.
func run(ctx context.Context, args []string, out, aside *screen) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return flagMistakes(c, args, err) })
	root.SetOut(out)
	root.SetErr(aside)
	err := root.ExecuteContext(ctx)
	if lost := out.lost(); lost != nil {
		err = fmt.Errorf("what there was to say could not be written: %w", lost)
	}
	var code exit
	var ended interrupted
	switch {
	case err == nil:
		return report.Sound
	case errors.As(err, &code):
		return int(code)
	}
	complain(aside, err)
	if errors.As(context.Cause(ctx), &ended) && !errors.As(err, &unusable{}) {
		return 128 + int(ended.Signal)
	}
	return report.Unusable
}

func rootCommand() *cobra.Command {
	var version bool
	root := &cobra.Command{
		Use:           "gauntlet",
		Short:         "Does this client's session survive the network that it will really meet?",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noCommand,
		RunE: func(root *cobra.Command, _ []string) error {
			if version {
				return printVersion(root.OutOrStdout())
			}
			return root.Help()
		},
	}
	root.Flags().BoolVar(&version, "version", false, "say which version this is")
	root.SetHelpCommand(helpCommand(root))
	root.AddCommand(
		certifyCommand(), listCommand(), explainCommand(),
		judgeCommand(), diffCommand(), reportCommand(),
		reproCommand(), sweepCommand(), mutantsCommand(),
		proxyCommand(), gatewayCommand(), probeCommand(), labCommand(), fingerprintCommand(),
		keygenCommand(), verifyCommand(),
		freezeCommand(), workerCommand(), fingerprintWorkerCommand(),
	)
	sayUsage(root)
	root.InitDefaultCompletionCmd() // now, so that it takes words as the others do
	if shells, _, err := root.Find([]string{"completion"}); err == nil {
		shells.Args, shells.RunE = noCommand, func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	offerValues(root)
	return root
}

// printVersion says what this command was made from, and the newest edition that
// it knows.
func printVersion(out io.Writer) error {
	newest, err := library().Newest()
	if err != nil {
		return err
	}
	info, known := debug.ReadBuildInfo()
	if !known {
		info = &debug.BuildInfo{}
	}
	fmt.Fprintf(out, "gauntlet %s\n", cmp.Or(info.Main.Version, "(devel)"))
	fmt.Fprintf(out, "source   %s\n", source(info.Settings))
	fmt.Fprintf(out, "go       %s\nedition  %s\n", cmp.Or(info.GoVersion, "not known"), newest.Name)
	return nil
}

// source is the state of the source in its version control.
func source(settings []debug.BuildSetting) string {
	is := map[string]string{}
	for _, s := range settings {
		is[s.Key] = s.Value
	}
	text := is["vcs.revision"]
	switch {
	case text == "":
		return "not known: it was built outside version control"
	case is["vcs.modified"] == "true":
		text += ", changed since"
	}
	return fmt.Sprintf("%s of %s (%s)", text, is["vcs.time"], is["vcs"])
}
