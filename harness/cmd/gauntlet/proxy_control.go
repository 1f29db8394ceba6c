package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"gauntlet/proxies/fault"
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

// change puts another schedule in force on all hops.
func (s *standing) change(next func(*fault.Schedule) *fault.Schedule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schedule = next(s.schedule)
	for _, tap := range s.taps {
		tap.Rearm(s.schedule)
	}
}
