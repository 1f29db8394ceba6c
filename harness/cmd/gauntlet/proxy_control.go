package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"gauntlet/harness/run/yamlfile"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
	"gauntlet/proxies/toxiproxy"
)

// armed is one fault as the control tells of it.
type armed struct {
	Fault       string `json:"fault"`
	Counted     int    `json:"counted"`     // how often its trigger was met
	Connections []int  `json:"connections"` // on which it has fired
}

// bindControl takes the address at which faults come and go, before there is a
// box that could be led there. Only this machine may use it.
func (s *standing) bindControl(address string) error {
	if address == "" {
		return nil
	}
	l, err := listenOn("--control", address)
	if err != nil {
		return err
	}
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		return errors.Join(fmt.Errorf("control: %s is not on the loopback interface", address), l.Close())
	}
	s.control = l
	return nil
}

// serveControl serves the little API.
func (s *standing) serveControl(v fault.Vocabulary, log *slog.Logger) {
	if s.control == nil {
		return
	}
	s.server = &http.Server{Handler: s.controls(v, log), ReadHeaderTimeout: 5 * time.Second}
	s.serve(s.control, func(l net.Listener) error {
		if err := s.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("control: %w", err)
		}
		return nil
	})
}

// controls is the API.
func (s *standing) controls(v fault.Vocabulary, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { s.list(w) })
	mux.HandleFunc("POST /faults", func(w http.ResponseWriter, r *http.Request) { s.arm(w, r, v, log) })
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, r *http.Request) { s.clear(w, r, log) })
	return local(mux)
}

// local refuses what a web page in a browser on this machine could send.
func local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) || r.Header.Get("Origin") != "" {
			http.Error(w, "this is for the machine that the proxy runs on", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// list tells which faults are armed and what they did.
func (s *standing) list(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fired := make([]map[string][]int, len(s.taps))
	for i, tap := range s.taps {
		fired[i] = tap.Fired()
	}
	all := []armed{}
	for i, f := range s.schedule.Faults() {
		text := f.String()
		all = append(all, armed{text, s.schedule.Counted(i), append([]int{}, fired[f.Hop][text]...)})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(all) // a client that left is told nothing
}

// arm takes one fault a line; a mistake in any arms none.
func (s *standing) arm(w http.ResponseWriter, r *http.Request, v fault.Vocabulary, log *slog.Logger) {
	faults, err := readFaults(w, r, v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.change(func(now *fault.Schedule) *fault.Schedule {
		for _, f := range faults {
			log.Info("armed", "fault", f.String())
		}
		return now.With(faults...)
	})
	s.list(w)
}

func readFaults(w http.ResponseWriter, r *http.Request, v fault.Vocabulary) ([]fault.Fault, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	var faults []fault.Fault
	var errs []error
	for line := range strings.Lines(string(body)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		f, err := fault.Parse(line, v)
		faults, errs = append(faults, f), append(errs, err)
	}
	if len(faults) == 0 {
		return nil, errors.New("no fault: the body has none, one is wanted a line")
	}
	return faults, errors.Join(errs...)
}

// clear disarms the fault in the body, or all.
func (s *standing) clear(w http.ResponseWriter, r *http.Request, log *slog.Logger) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	wanted, gone := strings.TrimSpace(string(body)), []string(nil)
	s.change(func(now *fault.Schedule) *fault.Schedule {
		for _, f := range now.Faults() {
			if text := f.String(); wanted == "" || wanted == text {
				gone = append(gone, text)
				log.Info("cleared", "fault", text)
			}
		}
		return now.Without(gone...)
	})
	if wanted != "" && len(gone) == 0 {
		http.Error(w, "no such fault is armed; GET /faults lists them", http.StatusNotFound)
		return
	}
	s.list(w)
}

// change puts another schedule in force on all hops. strike names faults that act on
// connections that are open as well, before another change begins.
func (s *standing) change(next func(*fault.Schedule) *fault.Schedule, strike ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schedule = next(s.schedule)
	for _, tap := range s.taps {
		tap.Rearm(s.schedule, strike...)
	}
}

// tended is a chain of boxes that Toxiproxy's API has.
type tended struct{ *standing }

// Address is where the first box listens.
func (t tended) Address() string { return t.address }

// Arm puts a fault in force, on connections that are open and on those to come.
func (t tended) Arm(f fault.Fault) {
	t.change(func(now *fault.Schedule) *fault.Schedule { return now.With(f) }, f.String())
}

// Disarm ends that.
func (t tended) Disarm(f fault.Fault) {
	t.change(func(now *fault.Schedule) *fault.Schedule { return now.Without(f.String()) })
	t.taps[f.Hop].Lift(f.String())
}

// Close ends the boxes, and says so if one has ended before.
func (t tended) Close() error {
	err := t.close()
	select {
	case failed := <-t.failed:
		err = errors.Join(failed, err)
	default:
	}
	return err
}

// proxies are those with names, none at first: each is the chain, with a listener
// and a target of its own.
func (f *proxyFlags) proxies(chain proxies.Chain, log *slog.Logger, out io.Writer) *toxiproxy.Server {
	return toxiproxy.New(toxiproxy.Options{
		Vocabulary: vocabularyOf(chain),
		Stand: func(name, listen, upstream string) (toxiproxy.Box, error) {
			if listen == "" {
				listen = "127.0.0.1:0"
			}
			if isPublic(listen) && !f.public {
				return nil, toxiproxy.Refused(http.StatusForbidden, listen+" is not on the loopback interface: gauntlet proxy --public allows that")
			}
			one := *f
			one.listen, one.to, one.control = listen, upstream, ""
			if _, _, err := net.SplitHostPort(upstream); err != nil {
				return nil, toxiproxy.Refused(http.StatusBadRequest, "upstream: "+err.Error())
			}
			s, err := one.stand(chain, fault.NewSchedule(nil, f.seed), log.With("proxy", name))
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(out, "%s: %s listens on %s, for %s\n", name, chain, s.address, upstream)
			return tended{s}, nil
		},
	})
}

// serveAPI binds the API, if it is wanted, and returns what serves it until the
// context ends.
func (f *proxyFlags) serveAPI(s *toxiproxy.Server, out, warnings io.Writer) (serve func(context.Context) error, err error) {
	if f.api == "" {
		return func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		}, nil
	}
	l, err := listenOn("--api", f.api)
	if err != nil {
		return nil, err
	}
	f.own = append(f.own, l)
	handler := http.Handler(s)
	if !isPublic(f.api) {
		handler = local(s)
	}
	warnPublic(warnings, f.api, "the API")
	fmt.Fprintf(out, "api: http://%s\n", l.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second}
	return func(ctx context.Context) error {
		context.AfterFunc(ctx, func() { _ = server.Close() }) // nothing is under way that matters
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("api: %w", err)
		}
		return nil
	}, nil
}

// readProxies reads a file of proxies, all mistakes at once; none without a file.
func readProxies(file string, public bool) ([]toxiproxy.Entry, error) {
	if file == "" {
		return nil, nil
	}
	f, err := yamlfile.Read(yamlfile.Anywhere{}, file)
	if err != nil {
		return nil, err
	}
	var entries []toxiproxy.Entry
	if err := f.Decode(&entries); err != nil {
		return nil, err
	}
	return entries, checkProxies(f, entries, public)
}

// checkProxies finds what no proxy can be.
func checkProxies(f yamlfile.File, entries []toxiproxy.Entry, public bool) error {
	var errs []error
	seen := map[string]bool{}
	for i, e := range entries {
		path := fmt.Sprintf("$[%d]", i)
		wrong := func(key, format string, args ...any) {
			errs = append(errs, f.Wrong(path+key, 0, fmt.Sprintf(format, args...)))
		}
		switch {
		case e.Name == "":
			wrong("", "a proxy needs a name")
		case seen[e.Name]:
			wrong(".name", "a second proxy %q", e.Name)
		}
		seen[e.Name] = true
		if _, _, err := net.SplitHostPort(e.Listen); e.Listen != "" && err != nil {
			wrong(".listen", "%v", err)
		} else if e.Listen != "" && isPublic(e.Listen) && !public {
			wrong(".listen", "%s is not on the loopback interface; --public allows that", e.Listen)
		}
		if e.Upstream == "" {
			wrong("", "a proxy needs an upstream: host:port")
		} else if _, _, err := net.SplitHostPort(e.Upstream); err != nil {
			wrong(".upstream", "%v", err)
		}
	}
	return errors.Join(errs...)
}
