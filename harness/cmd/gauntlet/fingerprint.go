package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/report"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/profile"
	"gauntlet/harness/run/virtual"
	"gauntlet/proxies"
	"gauntlet/proxies/external"
	"gauntlet/proxies/fingerprint"
	"gauntlet/proxies/network"
)

// fingerprintFlags are what fingerprint was asked for.
type fingerprintFlags struct {
	all     bool
	real    bool
	json    bool
	address string
	origin  string
	host    string
}

// taken is one box's fingerprint; the JSON form is an object with these fields.
type taken struct {
	Box         string                   `json:"id"`
	Spec        string                   `json:"spec,omitempty"`
	Stored      *bool                    `json:"equals_stored,omitempty"` // nil where none is stored
	Status      *oracle.Status           `json:"status,omitempty"`        // of a real product: is it as our profile says?
	Reason      string                   `json:"reason,omitempty"`
	Differences []fingerprint.Difference `json:"differences,omitempty"`
	Listed      []profile.Difference     `json:"listed,omitempty"` // of the real product, by its profile
	Fingerprint fingerprint.Fingerprint  `json:"fingerprint"`
}

func fingerprintCommand() *cobra.Command {
	var f fingerprintFlags
	c := &cobra.Command{
		Use:   "fingerprint BOX | --all | --real NAME | --all --real | --address HOST:PORT",
		Short: "Show what a box does to traffic",
		Long: `Show what a box does to traffic: what it adds and removes, which connections it
keeps, what it makes of a server that drops the connection, and so on.

BOX is a profile (squid) or a box's line ("forward via x"). A profile is compared
with its stored fingerprint; exit code 1 says that they differ. To store them
anew: UPDATE_FINGERPRINTS=1 go test ./specs

--real starts the real product of that name, or the one that FILE.yaml describes,
and compares it with our profile of it; exit code 1 says that they differ where
the profile does not say so, 3 that a product is not installed. With --all: all.

--address looks at a proxy that runs already on this machine, on real sockets.
What it is asked for --host it must bring to the address of --origin.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), cmd.OutOrStdout(), args) },
	}
	c.Flags().BoolVar(&f.all, "all", false, "all profiles")
	c.Flags().BoolVar(&f.real, "real", false, "the real product: "+strings.Join(certify.Products(), ", ")+", or FILE.yaml")
	c.Flags().BoolVar(&f.json, "json", false, "as a JSON array")
	c.Flags().StringVar(&f.address, "address", "", "of a running proxy, in place of BOX")
	c.Flags().StringVar(&f.origin, "origin", "127.0.0.1:8000", "with --address: where our origin listens")
	c.Flags().StringVar(&f.host, "host", "127.0.0.1:8000", "with --address: what requests name")
	c.MarkFlagsMutuallyExclusive("all", "address")
	c.MarkFlagsMutuallyExclusive("real", "address")
	return c
}

func (f *fingerprintFlags) run(ctx context.Context, out io.Writer, args []string) error {
	if (len(args) == 1) == (f.all || f.address != "") {
		return errors.New("say one of: a box, --all, --address")
	}
	var list []taken
	var err error
	switch {
	case f.address != "":
		list, err = f.onSockets(ctx)
	case f.real:
		list, err = realOnes(ctx, args)
	default:
		list, err = simulated(ctx, args)
	}
	if err != nil {
		return err
	}
	if err := f.print(out, list); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return verdictOn(list)
}

// verdictOn is the exit code: that of the worst.
func verdictOn(list []taken) error {
	worst := report.Sound
	for _, t := range list {
		worst = max(worst, t.code())
	}
	if worst == report.Sound {
		return nil
	}
	return exit(worst)
}

func (t taken) code() int {
	switch {
	case t.Status != nil && *t.Status == oracle.Broken:
		return report.Unusable
	case t.Status != nil && *t.Status == oracle.NotApplicable:
		return report.Unproved
	case len(t.Differences) > 0:
		return report.Failed
	}
	return report.Sound
}

func (f *fingerprintFlags) print(out io.Writer, list []taken) error {
	if f.json {
		return report.JSON(out, list)
	}
	for i, t := range list {
		if i > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "%s\n%s", t.Box, t.Fingerprint)
		if t.Status != nil {
			fmt.Fprintln(out, strings.TrimSpace(fmt.Sprintln(*t.Status, t.Reason)))
		}
		for _, d := range t.Differences {
			fmt.Fprintln(out, "differs from the stored fingerprint:", d)
		}
		for _, d := range t.Listed {
			fmt.Fprintf(out, "listed: %s: %q: %s\n", d.Trait, d.Real, d.Why)
		}
	}
	return nil
}

// onSockets looks at a proxy that somebody else runs.
func (f *fingerprintFlags) onSockets(ctx context.Context) ([]taken, error) {
	got, err := fingerprint.Take(ctx, fingerprint.Setup{
		Network: &network.Loopback{}, Box: f.address, Host: f.host, Patience: 3 * time.Second, Idle: 7 * time.Second,
		Listen: func() (net.Listener, error) { return net.Listen("tcp", f.origin) },
	})
	return []taken{{Box: f.address, Fingerprint: got}}, err
}

// simulated takes the fingerprints of our boxes, in virtual time; no box named
// means all profiles.
func simulated(ctx context.Context, args []string) ([]taken, error) {
	profiles, err := library().Profiles()
	if err != nil {
		return nil, err
	}
	wanted := profiles
	if len(args) == 1 {
		one, known := profile.Named(profiles, args[0])
		if !known {
			if one.Box, err = profile.Table(profiles).ParseSpec(args[0]); err != nil {
				return nil, err
			}
			one.Name = args[0]
		}
		wanted = []profile.Profile{one}
	}
	return takeAll(ctx, wanted)
}

// takeAll has workers simulate the boxes.
func takeAll(ctx context.Context, wanted []profile.Profile) ([]taken, error) {
	jobs, list, errs := make([]virtual.Job, len(wanted)), make([]taken, len(wanted)), make([]error, len(wanted))
	for i, p := range wanted {
		jobs[i].Text, _ = json.Marshal(bare(p.Box).String()) // a string can always be marshalled
	}
	pool := virtual.Pool{Args: []string{"fingerprint-worker"}}
	err := pool.Run(ctx, jobs, func(i int, a virtual.Answer) { list[i], errs[i] = judged(wanted[i], a) })
	return list, errors.Join(append(errs, err)...)
}

// bare is the box without the name of its profile, for a worker that knows
// none.
func bare(s proxies.Spec) proxies.Spec {
	s.Profile = ""
	if s.Then != nil {
		next := bare(*s.Then)
		s.Then = &next
	}
	return s
}

// judged compares a worker's answer with what is stored.
func judged(p profile.Profile, a virtual.Answer) (taken, error) {
	t := taken{Box: p.Name, Spec: bare(p.Box).String()}
	var reply struct {
		Fingerprint fingerprint.Fingerprint
		Error       string
	}
	if a.Died != "" || a.Leak != "" {
		return t, fmt.Errorf("fingerprint of %s: %s%s", p.Name, a.Died, a.Leak)
	}
	if err := json.Unmarshal(a.Reply.Text, &reply); err != nil || reply.Error != "" {
		return t, fmt.Errorf("fingerprint of %s: %s%w", p.Name, reply.Error, err)
	}
	t.Fingerprint = reply.Fingerprint
	if len(p.Fingerprint) > 0 {
		t.Differences = p.Fingerprint.Differences(t.Fingerprint)
		same := len(t.Differences) == 0
		t.Stored = &same
	}
	return t, nil
}

// fingerprintWorkerCommand is how fingerprint starts itself again to work in
// virtual time; people have no use for it.
func fingerprintWorkerCommand() *cobra.Command {
	return &cobra.Command{
		Use: "fingerprint-worker", Hidden: true, Args: cobra.NoArgs,
		Run: func(*cobra.Command, []string) { virtual.Serve(os.Stdin, os.Stdout, simulate) },
	}
}

func simulate(job json.RawMessage, _ *virtual.Blob) json.RawMessage {
	var text string
	var reply struct {
		Fingerprint fingerprint.Fingerprint
		Error       string `json:",omitempty"`
	}
	err := json.Unmarshal(job, &text)
	var spec proxies.Spec
	if err == nil {
		spec, err = proxies.ParseSpec(text)
	}
	if err == nil {
		reply.Fingerprint, err = fingerprint.Simulate(spec)
	}
	if err != nil {
		reply.Error = err.Error()
	}
	raw, _ := json.Marshal(reply) // it has texts only
	return raw
}

// realOnes takes the fingerprints of real proxies, all at the same time: they
// mostly wait. No name means all that we know.
func realOnes(ctx context.Context, args []string) ([]taken, error) {
	all := library()
	profiles, err := all.Profiles()
	if err != nil {
		return nil, err
	}
	wanted := args
	if len(args) == 0 {
		wanted = certify.Products()
	}
	list := make([]taken, len(wanted))
	var taking sync.WaitGroup
	for i, name := range wanted {
		product, err := all.Product(name)
		if err != nil {
			return nil, err
		}
		taking.Go(func() {
			ours, _ := profile.Named(profiles, name)
			list[i] = realOne(ctx, product, ours)
		})
	}
	taking.Wait()
	return slices.DeleteFunc(list, func(t taken) bool { return t.Status == nil }), nil
}

// realOne compares a product with our profile of it, differences that the
// profile lists taken as it says. A product that is not there is like nothing; of one that
// was interrupted there is no status.
func realOne(ctx context.Context, p external.Product, ours profile.Profile) taken {
	t := taken{Box: p.Name, Listed: ours.Differs, Fingerprint: fingerprint.Fingerprint{}}
	if missing := p.Find(); missing != nil {
		return t.concluded(oracle.NotApplicable, missing.Error())
	}
	var err error
	if t.Fingerprint, err = fingerprint.Real(ctx, p); errors.Is(err, context.Canceled) {
		return taken{}
	} else if err != nil {
		return t.concluded(oracle.Broken, err.Error())
	}
	if len(ours.Fingerprint) == 0 {
		return t.concluded(oracle.NotApplicable, "there is no profile to compare it with")
	}
	t.Differences = ours.Compare(t.Fingerprint, fingerprint.RealIdle)
	if len(t.Differences) > 0 {
		return t.concluded(oracle.Fail, "it differs from our profile, and that is not listed")
	}
	return t.concluded(oracle.Pass, "")
}

func (t taken) concluded(s oracle.Status, reason string) taken {
	t.Status, t.Reason = &s, reason
	return t
}
