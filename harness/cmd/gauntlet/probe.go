package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/probe"
	"gauntlet/harness/report"
)

// probeFlags are what probe was asked for.
type probeFlags struct {
	json     bool
	strict   bool
	ip       string
	idle     time.Duration
	patience time.Duration
}

func probeCommand() *cobra.Command {
	var f probeFlags
	c := &cobra.Command{
		Use:   "probe URL",
		Short: "Judge a gateway server: which ids it takes, what an overlap gets, how sessions end",
		Long: `Judge somebody's gateway server by what is known of such servers, and tell which
dialect it speaks. Nobody is signed in; thirty short sessions are opened.

  gauntlet probe http://127.0.0.1:8080
  gauntlet probe http://gateway.example.com --idle 3m --json

With --idle it also watches, for so long, when a session ends that nobody polls.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), cmd.OutOrStdout(), args[0])
		},
	}
	c.Flags().BoolVar(&f.json, "json", false, "print the report as JSON")
	c.Flags().BoolVar(&f.strict, "strict", false, "let shoulds count like musts")
	c.Flags().StringVar(&f.ip, "ip", "messenger.hotmail.com", "what opens say in IP=")
	c.Flags().DurationVar(&f.idle, "idle", 0, "for how long to watch idle sessions; 0 is not at all")
	c.Flags().DurationVar(&f.patience, "patience", 10*time.Second, "how long a reply may take")
	return c
}

func (f *probeFlags) run(ctx context.Context, out io.Writer, text string) error {
	target, err := f.target(text)
	if err != nil {
		return err
	}
	if !f.json {
		target.Done = func(found probe.Finding) {
			fmt.Fprintf(out, "%-26s%-14s%s\n%40s%s\n", found.ID, found.Status, found.Question, "", found.Observed)
		}
	}
	r, err := probe.Run(ctx, target)
	if err != nil {
		return err
	}
	if f.json {
		if err := report.JSON(out, r); err != nil {
			return err
		}
	} else {
		likeness(out, r)
	}
	if code := f.code(r); code != report.Sound {
		return exit(code)
	}
	return nil
}

// target reads the URL: a host is enough.
func (f *probeFlags) target(text string) (probe.Target, error) {
	t := probe.Target{Network: &reach{}, IP: f.ip, Idle: f.idle, Patience: f.patience}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return t, fmt.Errorf("%q is no URL: %w", text, err)
	case u.Scheme != "http":
		return t, fmt.Errorf("%s: this protocol runs over http, not over %s", text, u.Scheme)
	case u.Hostname() == "":
		return t, fmt.Errorf("%s: no host; want http://host or http://host:port", text)
	case u.Path != "" && u.Path != "/" && u.Path != "/gateway/gateway.dll" || u.RawQuery != "":
		return t, fmt.Errorf("%s: the script is at /gateway/gateway.dll of the host, so the host is enough (S53)", text)
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	t.Address = net.JoinHostPort(u.Hostname(), port)
	return t, nil
}

// likeness says what the gateway is like.
func likeness(out io.Writer, r probe.Report) {
	best := r.Dialects[0]
	if len(best.Differs) == 0 {
		fmt.Fprintf(out, "\nit behaves as the dialect %s does, in all of %d traits that can be seen\n", best.Dialect, best.Equal)
		return
	}
	fmt.Fprintf(out, "\nit is most like the dialect %s, from which it differs: %s\n", best.Dialect, strings.Join(best.Differs, "; "))
}

// code is the exit code, by the rules of a client's certification.
func (f *probeFlags) code(r probe.Report) int {
	code := report.Sound
	for _, found := range r.Findings {
		counts := found.Level == requirement.Must || f.strict && found.Level == requirement.Should
		switch {
		case !counts:
		case found.Status == oracle.Fail:
			return report.Failed
		case found.Status == oracle.Inconclusive && found.ID != "time.out": // which has to be asked for
			code = report.Unproved
		}
	}
	return code
}
