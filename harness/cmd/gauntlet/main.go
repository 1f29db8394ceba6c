// Command gauntlet reports whether a client's session survives the network that
// it will really meet.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"gauntlet/harness/report"
	"gauntlet/proxies/netns"
)

// exit carries an exit code through cobra; what there is to say was said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

func main() {
	if err := netns.PlayRole(); err != nil {
		fmt.Fprintln(os.Stderr, "gauntlet:", err)
		os.Exit(report.Unusable)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends us at once
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	out, aside := &screen{file: os.Stdout}, &screen{file: os.Stderr}
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(aside)
	err := root.ExecuteContext(ctx)
	if lost := out.lost(); lost != nil {
		err = fmt.Errorf("what there was to say could not be written: %w", lost)
	}
	var code exit
	switch {
	case err == nil:
		return report.Sound
	case errors.As(err, &code):
		return int(code)
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(aside, "gauntlet:", strings.TrimRight(line, "\n"))
	}
	return report.Unusable
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "gauntlet",
		Short:         "Does this client's session survive the network that it will really meet?",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(root *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return fmt.Errorf("no command %q; there are %s", args[0], strings.Join(names(root), ", "))
		},
		RunE: func(root *cobra.Command, _ []string) error { return root.Help() },
	}
	root.AddCommand(
		certifyCommand(), listCommand(), explainCommand(),
		judgeCommand(), diffCommand(), reportCommand(),
		reproCommand(), sweepCommand(), mutantsCommand(),
		proxyCommand(), gatewayCommand(), probeCommand(), labCommand(), fingerprintCommand(),
		keygenCommand(), verifyCommand(),
		freezeCommand(), workerCommand(), fingerprintWorkerCommand(),
	)
	return root
}

// names are those of the commands that people have a use for.
func names(root *cobra.Command) []string {
	var list []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			list = append(list, c.Name())
		}
	}
	return list
}
