package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/msn/greeting"
	"gauntlet/harness/msn/upstream"
	"gauntlet/harness/run/near"
)

// gatewayFlags are what gateway was asked for.
type gatewayFlags struct {
	listen    string
	messenger string
	upstream  string
	accounts  []string
	dialect   string
	knobs     []string
	metrics   string
	sessions  int
	each      int
	opens     float64
	body      string
	memory    string
	farewell  time.Duration
	format    string
	seed      uint64
}

func gatewayCommand() *cobra.Command {
	var f gatewayFlags
	c := &cobra.Command{
		Use:   "gateway",
		Short: "Run the gateway alone, with a messenger of its own or before any MSNP server",
		Long: `Run the gateway alone: clients that are set to an HTTP proxy, or whose name for
the gateway leads here, sign in through it.

  gauntlet gateway                                       a messenger of its own, for alice and bob
  gauntlet gateway --account me@example.com:secret --account you@example.com
  gauntlet gateway --upstream messenger.example.com:1863 somebody's MSNP server, over TCP

Before an upstream, only switchboards that it has named itself are reached.
A first interrupt tells every client OUT and Session=close; a second ends at once.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1:8080", "where the gateway listens; port 0 is a free one")
	c.Flags().StringVar(&f.messenger, "messenger", "", "where its own messenger takes clients over TCP too; \"\" for nowhere")
	c.Flags().StringVar(&f.upstream, "upstream", "", "host:port of an MSNP server to use instead of a messenger of its own")
	c.Flags().StringArrayVar(&f.accounts, "account", nil, "email or email:password of who may sign in; can be given several times (alice@example.com and bob@example.com)")
	c.Flags().StringVar(&f.dialect, "dialect", "documented", "how the gateway behaves: gauntlet list --knobs names them")
	c.Flags().StringArrayVar(&f.knobs, "knob", nil, "name=value, one thing in which it differs from the dialect")
	c.Flags().StringVar(&f.metrics, "metrics", "", "where metrics are served in Prometheus form at /metrics; \"\" for nowhere")
	c.Flags().IntVar(&f.sessions, "max-sessions", 0, "most sessions at a time (10,000 if not given)")
	c.Flags().IntVar(&f.each, "per-address", 0, "most sessions of one address at a time, those over TCP included; it may have twice as many connections; a quarter of --max-sessions if not given")
	c.Flags().Float64Var(&f.opens, "opens-per-second", 20, "sessions that one address may open in a second, in the long run; ten times as many at once; 0 is no limit")
	c.Flags().StringVar(&f.body, "max-body", "256KiB", "largest body of a request")
	c.Flags().StringVar(&f.memory, "max-memory", "", "live memory above which no session is opened, such as 512MiB; \"\" is no limit")
	c.Flags().DurationVar(&f.farewell, "farewell", 10*time.Second, "how long clients have, at the end, to hear of it")
	c.Flags().StringVar(&f.format, "log", "text", "form of the log on the standard error: text or json")
	c.Flags().Uint64Var(&f.seed, "seed", 0, "what ids, tickets and challenges follow from, for tests; nobody can foresee them if it is not given")
	return c
}

// run serves until the context ends, and says goodbye.
func (f *gatewayFlags) run(ctx context.Context, out, errs io.Writer) error {
	log, err := f.logger(errs)
	if err != nil {
		return err
	}
	s := &standalone{log: log, failed: make(chan error, 8)}
	if err := f.stand(s); err != nil {
		return errors.Join(err, s.close(0))
	}
	f.introduce(out, s)
	warnPublic(errs, f.listen, "this gateway")
	select {
	case <-ctx.Done():
		log.Info("shutting down", "sessions", s.gateway.Sessions(), "patience", f.farewell)
		return s.close(f.farewell)
	case err := <-s.failed:
		return errors.Join(err, s.close(0))
	}
}

// logger writes to errs in the form that was asked for.
func (f *gatewayFlags) logger(errs io.Writer) (*slog.Logger, error) {
	switch f.format {
	case "text":
		return slog.New(slog.NewTextHandler(errs, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(errs, nil)), nil
	}
	return nil, fmt.Errorf("--log: no form %q; %s", f.format, near.Hint(f.format, []string{"text", "json"}, "say text or json"))
}

// stand puts up what was asked for, from the messenger towards the client.
func (f *gatewayFlags) stand(s *standalone) error {
	o, err := f.options(s)
	if err != nil {
		return err
	}
	if f.upstream != "" {
		server, err := upstream.New(f.upstream, nil, s.log)
		if err != nil {
			return err
		}
		o.Dial = server.Dial
	} else if o.Dial, err = s.standMessenger(f); err != nil {
		return err
	}
	s.gateway = gateway.New(o)
	s.standOutside()
	return s.standGateway(f)
}

// options are the gateway's, without its way to the messenger.
func (f *gatewayFlags) options(s *standalone) (gateway.Options, error) {
	o := gateway.Options{Seed: f.seed, Secret: f.secret(), Logger: s.log, Limits: f.limits()}
	d, err := f.behaviour()
	if err != nil {
		return o, err
	}
	body, err := parseSize("--max-body", f.body)
	if err != nil {
		return o, err
	}
	heap, err := parseSize("--max-memory", f.memory)
	if err != nil {
		return o, err
	}
	if heap > 0 {
		debug.SetMemoryLimit(heap + heap/4) // collect harder before opens are refused for what is garbage
	}
	if f.upstream != "" && (f.messenger != "" || len(f.accounts) > 0) {
		return o, errors.New("--upstream has accounts of its own: it goes with neither --account nor --messenger")
	}
	o.Dialect, o.Limits.Body, o.Limits.Heap = d, int(body), heap
	s.metrics = newGatewayMetrics()
	o.Observe = observers(s.metrics.observe, logSessions(s.log))
	return o, nil
}

// behaviour is the dialect with its knobs turned.
func (f *gatewayFlags) behaviour() (gateway.Dialect, error) {
	d, known := gateway.Dialects()[f.dialect]
	if !known {
		names := slices.Sorted(maps.Keys(gateway.Dialects()))
		return d, fmt.Errorf("--dialect: no dialect %q; %s", f.dialect, near.Hint(f.dialect, names, "there are "+strings.Join(names, ", ")))
	}
	for _, knob := range f.knobs {
		name, value, ok := strings.Cut(knob, "=")
		if !ok {
			return d, fmt.Errorf("--knob %q: want name=value", knob)
		}
		if !slices.Contains(gateway.Knobs(), name) {
			return d, fmt.Errorf("--knob: no knob %q; %s", name, near.Hint(name, gateway.Knobs(), "gauntlet list --knobs names them"))
		}
		var err error
		if d, err = d.With(name, value); err != nil {
			return d, fmt.Errorf("--knob: %w", err)
		}
	}
	if d.Settle == 0 {
		d.Settle = promptness
	}
	return d, nil
}

// promptness is how long an answer waits for the server's reply, so that most
// commands are answered at once, as people are used to, and not at the next poll.
const promptness = 250 * time.Millisecond

// introduce says where everything is, for people and for programs that wait
// for the last of these lines.
func (f *gatewayFlags) introduce(out io.Writer, s *standalone) {
	for _, line := range s.places {
		fmt.Fprintln(out, line)
	}
	fmt.Fprintf(out, "ready: set the client's HTTP proxy to %s, or lead %s there\n", s.address, gateway.DefaultHost)
}

// misdirected logs a client that speaks the wrong protocol, with the remedy.
func misdirected(log *slog.Logger, wanted greeting.Kind, place string) func(net.Conn, greeting.Kind) {
	return func(conn net.Conn, speaks greeting.Kind) {
		log.Warn(greeting.Advice(speaks, wanted), "port", place, "client", conn.RemoteAddr().String())
	}
}

// limits are those on sessions and on what one address takes of them.
func (f *gatewayFlags) limits() gateway.Limits {
	l := gateway.Limits{Sessions: f.sessions, PerAddress: f.each, Opens: f.opens, AtOnce: int(10 * f.opens)}
	if l.PerAddress <= 0 {
		l.PerAddress = max(1, cmp.Or(f.sessions, 10_000)/4)
	}
	l.Connections = 2 * l.PerAddress
	return l
}

// secret is a new key, unless a seed was given: what a public gateway issues must
// not be computable from what it issued before.
func (f *gatewayFlags) secret() []byte {
	if f.seed != 0 {
		return nil
	}
	return newSecret()
}

// newSecret is a key that nobody can foresee.
func newSecret() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return key
}

// source is what the messenger draws from: the seed if there is one.
func (f *gatewayFlags) source() mathrand.Source {
	if f.seed != 0 {
		return nil
	}
	return mathrand.NewChaCha8([32]byte(newSecret()))
}

// observers tells several of each event.
func observers(list ...func(history.Event)) func(history.Event) {
	return func(e history.Event) {
		for _, o := range list {
			o(e)
		}
	}
}

// logSessions writes a line when a session begins, signs in, ends, and when a
// request is refused.
func logSessions(log *slog.Logger) func(history.Event) {
	return func(e history.Event) {
		at := []any{"session", e.Session, "server", e.Server}
		switch e.Kind {
		case history.SessionOpened:
			log.Info("session opened", at...)
		case history.SessionIdentified:
			log.Info("session identified", append(at, "user", e.User)...)
		case history.SessionEnded:
			log.Info("session ended", append(at, "user", e.User, "why", e.Text)...)
		case history.Rejected:
			log.Warn("request refused", append(at, "user", e.User, "status", e.Status, "why", e.Text)...)
		}
	}
}

// gatewayMetrics are a gateway's numbers, in a registry of their own.
type gatewayMetrics struct {
	registry *prometheus.Registry
	opened   *prometheus.CounterVec
	ended    *prometheus.CounterVec
	requests *prometheus.CounterVec
	refused  *prometheus.CounterVec
	received prometheus.Counter
}

func newGatewayMetrics() *gatewayMetrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "gauntlet_gateway", Name: name, Help: help}, labels)
	}
	m := &gatewayMetrics{
		registry: prometheus.NewRegistry(),
		opened:   counter("sessions_opened_total", "Sessions that were opened.", "server"),
		ended:    counter("sessions_ended_total", "Sessions that have ended, by reason.", "server", "why"),
		requests: counter("requests_total", "Requests that were processed, by action.", "server", "action"),
		refused:  counter("requests_refused_total", "Requests that got an HTTP error, and connections that were refused.", "status", "why"),
		received: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: "gauntlet_gateway", Name: "received_bytes_total", Help: "Bytes of MSNP in the bodies of processed requests.",
		}),
	}
	m.registry.MustRegister(m.opened, m.ended, m.requests, m.refused, m.received,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observe counts an event. Reasons are of a fixed number, so they can be
// labels.
func (m *gatewayMetrics) observe(e history.Event) {
	switch e.Kind {
	case history.SessionOpened:
		m.opened.WithLabelValues(e.Server).Inc()
	case history.SessionEnded:
		m.ended.WithLabelValues(e.Server, e.Text).Inc()
	case history.Processed:
		m.requests.WithLabelValues(e.Server, e.Action).Inc()
		m.received.Add(float64(len(e.Data)))
	case history.Rejected:
		m.refused.WithLabelValues(strconv.Itoa(e.Status), e.Text).Inc()
	}
}

// sessionsOf adds the number of sessions that are open.
func (m *gatewayMetrics) sessionsOf(g *gateway.Gateway) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "gauntlet_gateway", Name: "sessions", Help: "Open sessions, including clients of the messenger over TCP.",
	}, func() float64 { return float64(g.Sessions()) }))
}

func (m *gatewayMetrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}
