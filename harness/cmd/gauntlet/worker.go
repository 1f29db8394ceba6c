package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/queue"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies/netns"
)

// workerFlags are for whom a worker works, and what it is.
type workerFlags struct {
	mode, box, client, scratch string
	queue                      queue.Options
	parallel                   int
}

// workerCommand is how certify starts itself again to run cases, so that none takes
// the others along; and, with --nats, how a machine works for runs of others.
func workerCommand() *cobra.Command {
	var f workerFlags
	c := &cobra.Command{
		Use:   "worker",
		Short: "Work for the runs of others, which are shared with --nats",
		Long: `Work for the runs of others, which are shared with --nats, until Ctrl-C or SIGTERM:
what is not finished then is given back, and another worker does it.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.queue.URL != "" {
				return f.help(c.Context(), c.ErrOrStderr())
			}
			return f.serve(c.Context())
		},
	}
	c.Flags().StringVar(&f.mode, "mode", string(rig.Virtual), "what the cases stand on")
	c.Flags().StringVar(&f.box, "box", "", "a real proxy in place of the forward box")
	c.Flags().StringVar(&f.client, "client", "", "the file of a program")
	c.Flags().StringVar(&f.scratch, "scratch", "", "a directory for what the program has to read")
	for _, ours := range []string{"mode", "box", "client", "scratch"} {
		_ = c.Flags().MarkHidden(ours) // it is there
	}
	registerQueue(c, &f.queue)
	c.Flags().IntVar(&f.parallel, "parallel", 0, "how many cases run at a time; if not given, one a core in virtual time and eight a core in real time")
	return c
}

// registerQueue adds the flags that name a queue.
func registerQueue(c *cobra.Command, o *queue.Options) {
	c.Flags().StringVar(&o.URL, "nats", "", "URL of a NATS server with JetStream: the work is shared with all who run gauntlet worker there")
	c.Flags().StringVar(&o.Credentials, "nats-creds", "", "credentials file with which that server lets us in")
}

// serve works for the process that has started this one, where that wants it.
func (f *workerFlags) serve(ctx context.Context) error {
	if f.queue.Credentials != "" || f.parallel != 0 {
		return errors.New("say --nats URL: for whom to work")
	}
	if rig.Mode(f.mode) == rig.Netns && !netns.Inside() {
		return inNamespaces(ctx)
	}
	w := certify.Worker{
		Library: library(), InProcess: findClient, Mode: rig.Mode(f.mode), Box: f.box, Client: f.client, Scratch: f.scratch,
	}
	return w.Work(os.Stdin, os.Stdout)
}

// help works for whoever shares a run.
func (f *workerFlags) help(ctx context.Context, aside io.Writer) error {
	if f.parallel < 0 {
		return fmt.Errorf("--parallel %d: want 1 or more", f.parallel)
	}
	known := library()
	version, err := known.Version()
	if err != nil {
		return err
	}
	q, err := queue.Open(ctx, f.queue)
	if err != nil {
		return err
	}
	defer q.Close()
	fmt.Fprintf(aside, "works until Ctrl-C: %s\n", version)
	b := &certify.Helper{Library: known, Queue: q, Worker: worker(), Computing: f.parallel, Waiting: f.parallel}
	return b.Work(ctx)
}
