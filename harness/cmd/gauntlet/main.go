// Command gauntlet tells whether a client's session survives the network that
// it will really meet.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"gauntlet/harness/report"
)

// exit carries an exit code through cobra; what there is to say was said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	root := &cobra.Command{
		Use:           "gauntlet",
		Short:         "Does this client's session survive the network that it will really meet?",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(certifyCommand(), listCommand(), workerCommand())
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var code exit
	switch {
	case err == nil:
		return report.Sound
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintln(os.Stderr, "gauntlet:", err)
	return report.Unusable
}
