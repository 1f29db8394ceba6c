package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/lab"
	"gauntlet/harness/msn/greeting"
	"gauntlet/harness/report"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/profile"
	"gauntlet/harness/run/rig"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/authority"
)

// labFlags are what lab was asked for.
type labFlags struct {
	boxes    []string
	listen   string
	page     string
	cases    []string
	file     string
	port     int
	anyPort  bool
	out      string
	patience time.Duration
	ca       string
}

func labCommand() *cobra.Command {
	var f labFlags
	c := &cobra.Command{
		Use:   "lab",
		Short: "Let somebody at a real MSN client take part, with a page that shows and disturbs",
		Long: `Let somebody at a real MSN client take part. The lab has a gateway, a messenger
with the accounts alice@example.com and bob@example.com (who says back what he
hears), the login services, and boxes that listen where a client's proxy dialog
can point:

  gauntlet lab                                          an HTTP proxy on port 8080, SOCKS 5 on 1080
  gauntlet lab --box "profile squid port 3128"          another box
  gauntlet lab --cases "cut-poll-*"                     a case after the other, each judged

The page shows sessions and exchanges as they happen, arms faults, and in cases
says what to do. What came of it is stored as by certify, to be judged again.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	c.Flags().StringArrayVar(&f.boxes, "box", []string{"forward port 8080", "socks5 port 1080"}, "a box and its port; can be given several times")
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1", "where the boxes listen")
	c.Flags().StringVar(&f.page, "page", "127.0.0.1:8000", "where the page is")
	c.Flags().StringSliceVar(&f.cases, "cases", nil, "ids of cases to step through, * stands for anything")
	c.Flags().StringVar(&f.file, "file", "", "with --cases: a case file of your own in place of the catalogue")
	c.Flags().IntVar(&f.port, "port", 8080, "with --cases: the port of each case's proxy")
	c.Flags().BoolVar(&f.anyPort, "any-port", false, "take free ports for the boxes, whatever theirs are")
	c.Flags().StringVar(&f.out, "out", "", "directory for results and histories; a new one below out/ if not given")
	c.Flags().DurationVar(&f.patience, "patience", 10*time.Minute, "with --cases: how long a step may take the person")
	c.Flags().StringVar(&f.ca, "ca", "", "file to write the certificate to that clients have to trust")
	return c
}

// run is the whole visit.
func (f *labFlags) run(ctx context.Context, out, errs io.Writer) error {
	cases, err := f.program()
	if err != nil {
		return err
	}
	ca, err := authority.New()
	if err == nil {
		err = writeCA(f.ca, ca)
	}
	if err != nil {
		return err
	}
	page, err := listenOn("--page", f.page)
	if err != nil {
		return err
	}
	stored, err := certify.NewVisit(library(), "attended", f.out)
	if err != nil {
		return errors.Join(err, page.Close())
	}
	warnPublic(errs, f.listen, "this proxy, which reaches nothing but the lab,")
	warnPublic(errs, f.page, "this page, which wants the token that is printed,")
	v := &visit{flags: f, authority: ca, out: out, stored: stored, token: rand.Text()}
	v.lab = lab.New(v.token)
	v.log = v.lab.Logger(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return v.hold(ctx, page, cases)
}

// program is what will be run: the cases, or one that is free.
func (f *labFlags) program() ([]catalogue.Case, error) {
	if len(f.cases) == 0 {
		one, err := f.free()
		return []catalogue.Case{one}, err
	}
	known := library()
	all, err := known.Choose(f.file, f.cases)
	if err != nil {
		return nil, err
	}
	cases := slices.DeleteFunc(slices.Clone(all), func(c catalogue.Case) bool { return !known.Attendable(c) })
	if len(cases) == 0 {
		return nil, fmt.Errorf("--cases %s: none of the %d cases can be run with a client that somebody sets to a proxy", strings.Join(f.cases, ","), len(all))
	}
	return cases, nil
}

// free is a run without a plan.
func (f *labFlags) free() (catalogue.Case, error) {
	spec, err := f.spec(0)
	if err != nil {
		return catalogue.Case{}, err
	}
	script, err := workload.Parse([]string{"sign in", "free 12h"})
	return catalogue.Case{
		ID: "lab", Title: "a person at a client", Why: "what a client does in its user's hands is what counts",
		Proves: []requirement.ID{"exchange.one-in-flight"}, Dialect: "documented", Chain: proxies.Chain{spec}, Workload: script,
	}, err
}

// visit is a lab while it is open.
type visit struct {
	flags     *labFlags
	authority *authority.Authority
	out       io.Writer
	stored    *certify.Visit
	token     string
	lab       *lab.Lab
	log       *slog.Logger
}

// hold serves the page while the cases are run.
func (v *visit) hold(ctx context.Context, page net.Listener, cases []catalogue.Case) error {
	entrances, err := v.flags.entrances(cases[0], v.log)
	if err != nil {
		closeAll(entrances)
		return errors.Join(err, page.Close())
	}
	v.lab.SetPlaces(v.places(entrances))
	server := &http.Server{Handler: v.lab.Handler(v.authority.PEM()), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(page) }()
	v.introduce(page)
	err = v.each(ctx, cases, entrances)
	closing := server.Close()
	if e := <-served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return errors.Join(err, closing)
}

// each runs a case after the other.
func (v *visit) each(ctx context.Context, cases []catalogue.Case, entrances []rig.Entrance) error {
	v.flags.keepPort(entrances)
	for i, c := range cases {
		if i > 0 {
			var err error
			if entrances, err = v.flags.entrances(c, v.log); err != nil {
				return err
			}
			v.lab.SetPlaces(v.places(entrances))
		}
		outcome, err := v.one(ctx, c, entrances)
		if err != nil {
			return unusable{err}
		}
		fmt.Fprintf(v.out, "%s: %s %s\n", c.ID, outcome.Result.Status, outcome.Result.Reason)
		if i+1 < len(cases) {
			v.lab.Between(ctx, cases[i+1].Title)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return v.finish()
}

// one runs a case. An interrupt ends its pauses and its prompts, also one that came
// before there was a case to end; what was seen until then is judged and stored.
func (v *visit) one(ctx context.Context, c catalogue.Case, entrances []rig.Entrance) (rig.Outcome, error) {
	defer closeAll(entrances) // those that the run did not come to
	done := v.lab.Next(c.ID, c.Title)
	defer context.AfterFunc(ctx, v.lab.End)()
	step := v.flags.patience
	if len(v.flags.cases) == 0 {
		step = 12 * time.Hour
	}
	o := rig.Options{
		Client: v.lab.Client(), ClientKind: lab.Kind, Step: step, Authority: v.authority,
		Attended: &rig.Attended{
			Secret: newSecret(),
			Front:  entrances, Watch: v.lab.Watch, Began: v.lab.Begin,
			Done: done, Echo: len(v.flags.cases) == 0, Logger: v.log,
		},
	}
	outcome, err := v.stored.Judge(context.Background(), c, o)
	v.lab.Finished(lab.Verdict{Case: c.ID, Status: outcome.Result.Status.String(), Reason: outcome.Result.Reason})
	return outcome, err
}

func (v *visit) finish() error {
	r, err := v.stored.End()
	fmt.Fprintf(v.out, "results and histories are in %s\n", r.Dir)
	switch {
	case err != nil:
		return unusable{err}
	case r.Exit != report.Sound:
		return exit(r.Exit)
	}
	return nil
}

// introduce says where everything is.
func (v *visit) introduce(page net.Listener) {
	for _, p := range v.lab.State().Places {
		fmt.Fprintln(v.out, p)
	}
	fmt.Fprintf(v.out, "certificate that clients have to trust: http://%s/ca.pem\n", typed(page))
	fmt.Fprintf(v.out, "page: http://%s/?token=%s\n", typed(page), v.token)
}

func closeAll(entrances []rig.Entrance) {
	for _, e := range entrances {
		if e.Listener != nil {
			_ = e.Listener.Close() // most are closed already
		}
	}
}

// spec is box i as it was asked for.
func (f *labFlags) spec(i int) (proxies.Spec, error) {
	profiles, err := library().Profiles()
	if err != nil {
		return proxies.Spec{}, err
	}
	if len(f.boxes) == 0 {
		return proxies.Spec{}, errors.New("--box: name at least one")
	}
	spec, err := profile.Table(profiles).ParseSpec(f.boxes[i])
	if err != nil {
		return spec, fmt.Errorf("--box: %w", err)
	}
	if (proxies.Chain{spec}).Explicit() == nil {
		return spec, fmt.Errorf("--box %q: no client can be set to it: name a forward proxy or a SOCKS proxy", f.boxes[i])
	}
	return spec, nil
}

// entrances binds what the client is set to in a case.
func (f *labFlags) entrances(c catalogue.Case, log *slog.Logger) ([]rig.Entrance, error) {
	list, err := f.bind()
	if err != nil {
		return list, err
	}
	list[0].Spec = c.Chain[0]
	for i, e := range list {
		wanted := greeting.HTTP
		if socks(e.Spec) {
			wanted = greeting.SOCKS
		}
		list[i].Listener = greeting.Listen(e.Listener, wanted, misdirected(log, wanted, e.Listener.Addr().String()))
	}
	return list, nil
}

func socks(spec proxies.Spec) bool { return strings.HasPrefix(string(spec.Kind), "socks") }

// bind takes the ports.
func (f *labFlags) bind() ([]rig.Entrance, error) {
	if len(f.cases) > 0 {
		e, err := f.entrance("--port", f.port)
		return []rig.Entrance{e}, err
	}
	var list []rig.Entrance
	for i := range f.boxes {
		spec, err := f.spec(i)
		if err != nil {
			return list, err
		}
		e, err := f.entrance("--box", spec.ListenPort())
		if err != nil {
			return list, err
		}
		e.Spec = spec
		list = append(list, e)
	}
	return list, nil
}

// entrance listens, with somebody at the door who sends away what a client that
// has been there before still asks for.
func (f *labFlags) entrance(flag string, port int) (rig.Entrance, error) {
	l, err := listenOn(flag, f.at(port))
	if err != nil {
		return rig.Entrance{}, err
	}
	return rig.Entrance{Listener: lab.NewDoorman(l.(*net.TCPListener))}, nil // listenOn knows no other kind
}

// at is where a box listens whose port is that.
func (f *labFlags) at(port int) string {
	if f.anyPort {
		port = 0
	}
	return net.JoinHostPort(f.listen, strconv.Itoa(port))
}

// keepPort has all cases use the port that the first one got: it is typed in
// once.
func (f *labFlags) keepPort(entrances []rig.Entrance) {
	if a, is := entrances[0].Listener.Addr().(*net.TCPAddr); is {
		f.port, f.anyPort = a.Port, false
	}
}

// places are what is to be typed into a client's dialog.
func (v *visit) places(entrances []rig.Entrance) []string {
	var list []string
	for _, e := range entrances {
		host, port, _ := net.SplitHostPort(typed(e.Listener))
		kind := "HTTP proxy"
		if socks(e.Spec) {
			kind = strings.ToUpper(string(e.Spec.Kind)) + " proxy"
		}
		list = append(list, fmt.Sprintf("%s: %s, port %s", kind, host, port))
	}
	return append(list, "account: "+rig.UserEmail+", password secret; the contact is "+rig.ContactEmail)
}
