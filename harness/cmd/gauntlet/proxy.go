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
	"strings"

	"github.com/spf13/cobra"

	"gauntlet/harness/msn/servers"
	"gauntlet/harness/run/profile"
	"gauntlet/proxies"
	"gauntlet/proxies/authority"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/toxiproxy"
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
	api     string
	config  string
	public  bool
	own     []net.Listener // where no box may be led, beside itself
	allowed []netip.Prefix
}

func proxyCommand() *cobra.Command {
	var f proxyFlags
	c := &cobra.Command{
		Use:   "proxy [BOXES]",
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
"on open 1" and "on MSG 1" count a client's polls, opens and messages alone.

With --api it is driven by the client libraries of Toxiproxy: they create
proxies and give them toxics. A toxic of type fault is a fault of ours, its
attribute "line". Proxies are there from the start with --config. Each is a
relay, unless BOXES says what it is:

  gauntlet proxy --api 127.0.0.1:8474
  gauntlet proxy --config proxies.json 'forward via x'`,
		Args: f.checkArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.several() {
				return f.runSeveral(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), strings.Join(args, ""))
			}
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args[0])
		},
	}
	f.bind(c)
	return c
}

// bind makes the flags.
func (f *proxyFlags) bind(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.faults, "fault", nil, "a fault from the start; can be given several times")
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1", "where the first box listens: a host, or host:port in place of the box's own port; port 0 is any free one")
	c.Flags().StringVar(&f.control, "control", "127.0.0.1:0", "where faults are changed; \"\" for nowhere")
	c.Flags().StringVar(&f.to, "to", "", "host:port to which the last box sends everything; a relay needs one")
	c.Flags().StringSliceVar(&f.allow, "allow", nil, "where others may go, too, when --listen is not on the loopback interface: an address or a network; without it nothing of this machine or its networks")
	c.Flags().StringVar(&f.ca, "ca", "", "file to write the certificate of a tls box's authority to")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of faults by chance")
	c.Flags().StringVar(&f.api, "api", "", "host:port at which Toxiproxy's API is served; port 0 is any free one")
	c.Flags().StringVar(&f.config, "config", "", "a file of proxies, as Toxiproxy's populate takes it: [{\"name\": …, \"listen\": …, \"upstream\": …}]")
	c.Flags().BoolVar(&f.public, "public", false, "the API and its proxies may listen where others than this machine can reach them")
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
	if f.several() {
		return chain, nil, f.readAllowed()
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

// several reports whether there are proxies with names, each of them the boxes.
func (f *proxyFlags) several() bool { return f.api != "" || f.config != "" }

// checkArgs wants boxes, unless there are several proxies, which are relays else.
func (f *proxyFlags) checkArgs(cmd *cobra.Command, args []string) error {
	if f.several() {
		return errors.Join(f.checkSeveral(cmd), cobra.MaximumNArgs(1)(cmd, args))
	}
	return cobra.ExactArgs(1)(cmd, args)
}

// checkSeveral refuses flags that say for one proxy what each has of its own.
func (f *proxyFlags) checkSeveral(cmd *cobra.Command) error {
	var errs []error
	for _, name := range []string{"to", "listen", "fault", "control", "ca"} {
		if cmd.Flags().Changed(name) {
			errs = append(errs, fmt.Errorf("--%s is for one proxy, and with --api or --config there are several, which say it themselves", name))
		}
	}
	if isPublic(f.api) && f.api != "" && !f.public {
		errs = append(errs, fmt.Errorf("--api %s is not on the loopback interface: others could use it; --public allows that", f.api))
	}
	return errors.Join(errs...)
}

// runSeveral serves proxies with names until the context ends.
func (f *proxyFlags) runSeveral(ctx context.Context, out, warnings io.Writer, boxes string) error {
	if boxes == "" {
		boxes = string(proxies.Relay)
	}
	chain, _, err := f.parse(boxes)
	var entries []toxiproxy.Entry
	if err == nil {
		entries, err = readProxies(f.config, f.public)
	}
	if err != nil {
		return err
	}
	warnEgress(warnings, chain)
	s := f.proxies(chain, slog.New(slog.NewTextHandler(out, nil)), out)
	serve, err := f.serveAPI(s, out, warnings)
	if err == nil {
		err = s.Populate(entries)
	}
	if err == nil {
		fmt.Fprintln(out, "ready")
		err = serve(ctx)
	}
	return errors.Join(err, s.Close())
}

// vocabularyOf is what faults may speak of: requests by their own words, but not
// by the server that a session is with, which only a gateway knows.
func vocabularyOf(chain proxies.Chain) fault.Vocabulary {
	v := servers.Words()
	v.Hops, v.Streams = len(chain), chain.Streams()
	return v
}

// writeCA leaves the authority's certificate where the user wants it.
func writeCA(file string, a *authority.Authority) error {
	if file == "" {
		return nil
	}
	return os.WriteFile(file, a.PEM(), 0o644)
}
