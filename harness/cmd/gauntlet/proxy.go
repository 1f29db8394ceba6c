package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"

	"github.com/spf13/cobra"

	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/profile"
	"gauntlet/proxies"
	"gauntlet/proxies/authority"
	"gauntlet/proxies/fault"
)

// proxyFlags are what proxy was asked for.
type proxyFlags struct {
	faults  []string
	listen  string
	control string
	to      string
	ca      string
	seed    uint64
	allow   []string
	allowed []netip.Prefix
}

func proxyCommand() *cobra.Command {
	var f proxyFlags
	c := &cobra.Command{
		Use:   "proxy BOXES",
		Short: "Run a box, or a chain of boxes, alone, to put it before a client by hand",
		Long: `Run a box, or a chain of boxes, alone, to put it before a client by hand:

  gauntlet proxy "forward port 8080" --fault "hop 0: on request 3, answer: reset"
  gauntlet proxy "profile squid port 3128 -> relay port 8001" --to 127.0.0.1:80

Hop 0 is where the first box listens. While it runs, faults can be changed by
HTTP at the address of --control:

  curl -d 'hop 0: on request 1, answer: close' http://127.0.0.1:PORT/faults
  curl http://127.0.0.1:PORT/faults
  curl -X DELETE http://127.0.0.1:PORT/faults

A DELETE may have one fault's line as its body; without one it clears all. "on
request 1" counts from the moment at which the fault was armed; "on poll 1",
"on open 1" and "on MSG 1" count a client's polls, opens and messages alone.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args[0])
		},
	}
	c.Flags().StringArrayVar(&f.faults, "fault", nil, "a fault from the start; can be given several times")
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1", "where the first box listens: a host, or host:port in place of the box's own port; port 0 is any free one")
	c.Flags().StringVar(&f.control, "control", "127.0.0.1:0", "where faults are changed; \"\" for nowhere")
	c.Flags().StringVar(&f.to, "to", "", "host:port to which the last box sends everything; a relay needs one")
	c.Flags().StringSliceVar(&f.allow, "allow", nil, "where others may go, too, when --listen is not on the loopback interface: an address or a network; without it nothing of this machine or its networks")
	c.Flags().StringVar(&f.ca, "ca", "", "file to write the certificate of a tls box's authority to")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of faults by chance")
	return c
}

// run serves until the context ends.
func (f *proxyFlags) run(ctx context.Context, out, warnings io.Writer, text string) error {
	chain, schedule, err := f.parse(text)
	if err != nil {
		return err
	}
	f.warnReach(warnings)
	warnEgress(warnings, chain)
	log := slog.New(slog.NewTextHandler(out, nil))
	s, err := f.stand(chain, schedule, log)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s listens on %s\n", chain, s.address)
	if s.control != nil {
		fmt.Fprintf(out, "control: http://%s/faults\n", s.control.Addr())
	}
	select {
	case <-ctx.Done():
		fmt.Fprintln(out, "stopped")
		return s.close()
	case err := <-s.failed:
		return errors.Join(err, s.close())
	}
}

// warnEgress says that this machine cannot be in several places.
func warnEgress(out io.Writer, chain proxies.Chain) {
	for _, spec := range chain {
		if spec.Addresses() > 1 {
			fmt.Fprintf(out, "gauntlet: warning: %s: all %d addresses are this machine's one here; in cases they differ\n", spec, spec.Addresses())
		}
	}
}

// host is that of --listen.
func (f *proxyFlags) host() string {
	if host, _, err := net.SplitHostPort(f.listen); err == nil {
		return host
	}
	return f.listen
}

// parse reads the chain and the faults, all mistakes at once.
func (f *proxyFlags) parse(text string) (proxies.Chain, *fault.Schedule, error) {
	profiles, err := library().Profiles()
	if err != nil {
		return nil, nil, err
	}
	chain, err := profile.Table(profiles).ParseChain(text)
	if err == nil && len(chain) == 0 {
		err = errors.New("direct is no box: name at least one")
	}
	if err != nil {
		return nil, nil, err
	}
	var faults []fault.Fault
	var errs []error
	for _, line := range f.faults {
		one, err := fault.Parse(line, vocabularyOf(chain))
		faults, errs = append(faults, one), append(errs, err)
	}
	errs = append(errs, f.checkTarget(chain), f.readAllowed())
	return chain, fault.NewSchedule(faults, f.seed), errors.Join(errs...)
}

// checkTarget wants --to where nothing else says where bytes go.
func (f *proxyFlags) checkTarget(chain proxies.Chain) error {
	if f.to != "" {
		if _, _, err := net.SplitHostPort(f.to); err != nil {
			return fmt.Errorf("--to: %w", err)
		}
		return nil
	}
	for _, phase := range chain[len(chain)-1].Phases() {
		if phase.Kind == proxies.Relay {
			return errors.New("a relay needs --to: its bytes do not say where they go")
		}
	}
	return nil
}

// vocabularyOf is what faults may speak of: requests by their own words, but not
// by the server that a session is with, which only a gateway knows.
func vocabularyOf(chain proxies.Chain) fault.Vocabulary {
	v := servers.Words()
	v.Hops = len(chain)
	return v
}

// writeCA leaves the authority's certificate where the user wants it.
func writeCA(file string, a *authority.Authority) error {
	if file == "" {
		return nil
	}
	return os.WriteFile(file, a.PEM(), 0o644)
}
