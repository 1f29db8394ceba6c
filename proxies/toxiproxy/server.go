// Package toxiproxy serves the HTTP API of Toxiproxy, so that its client libraries
// drive boxes of ours: proxies that have names, and toxics that come and go while
// they work. Each toxic is a line of package fault; this package disturbs nothing
// itself and opens no socket: who imports it stands the boxes up. It starts no
// goroutine.
//
// What differs from Toxiproxy: attributes are read strictly, an attribute that was
// left out is 0 as there; a toxic that was updated counts its bytes anew; and the
// type fault posts any line of ours, {"line": "hop 0: on request 3, answer: reset"}.
package toxiproxy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"gauntlet/proxies/fault"
)

// version is that of Toxiproxy's API as it is served here.
const version = "2.12.0"

// Box is what stands for one proxy, in the way between its address and another.
type Box interface {
	// Address is where it listens.
	Address() string
	// Arm puts a fault in force, also on connections that are open.
	Arm(f fault.Fault)
	// Disarm ends it, also on connections that are open.
	Disarm(f fault.Fault)
	// Close ends the box and its connections.
	Close() error
}

// Options are what a Server is made with.
type Options struct {
	// Stand stands a box up that listens there and sends everything to upstream.
	Stand func(name, listen, upstream string) (Box, error)
	// Vocabulary is what lines of the type fault may speak of.
	Vocabulary fault.Vocabulary
}

// Server is the proxies there are, and the API to them. It is safe for concurrent
// use.
type Server struct {
	options Options
	mux     *http.ServeMux

	mu      sync.Mutex
	proxies map[string]*proxy
}

// New makes a Server without proxies.
func New(o Options) *Server {
	s := &Server{options: o, mux: http.NewServeMux(), proxies: map[string]*proxy{}}
	for pattern, answer := range map[string]handler{
		"GET /version": func(*http.Request) (int, any, error) {
			return http.StatusOK, map[string]string{"version": version}, nil
		},
		"POST /reset":     s.reset,
		"POST /populate":  s.populate,
		"GET /proxies":    s.list,
		"POST /proxies":   s.create,
		"GET " + one:      s.show,
		"POST " + one:     s.update,
		"PATCH " + one:    s.update,
		"DELETE " + one:   s.remove,
		"GET " + toxics:   s.ofProxy((*proxy).list),
		"POST " + toxics:  s.ofProxy((*proxy).add),
		"GET " + toxics1:  s.ofProxy((*proxy).show),
		"POST " + toxics1: s.ofProxy((*proxy).change), "PATCH " + toxics1: s.ofProxy((*proxy).change),
		"DELETE " + toxics1: s.ofProxy((*proxy).drop),
	} {
		s.mux.Handle(pattern, s.locked(answer))
	}
	return s
}

const (
	one     = "/proxies/{proxy}"
	toxics  = one + "/toxics"
	toxics1 = toxics + "/{toxic}"
)

// handler answers a request with a status and what the body says, with no body if
// that is nil.
type handler func(r *http.Request) (status int, body any, err error)

// maxBody is how long a request's body may be.
const maxBody = 1 << 20

// ServeHTTP answers a program. Browsers are refused: any page could use one.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.UserAgent(), "Mozilla/") || r.Header.Get("Origin") != "" {
		reply(w, http.StatusForbidden, problem{"User agent not allowed", http.StatusForbidden})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	s.mux.ServeHTTP(w, r)
}

// locked has one request answered at a time.
func (s *Server) locked(answer handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		status, body, err := answer(r)
		s.mu.Unlock()
		if err != nil {
			p := asProblem(err)
			reply(w, p.Status, p)
			return
		}
		reply(w, status, body)
	})
}

// reply writes an answer; a client that has left is told nothing.
func reply(w http.ResponseWriter, status int, body any) {
	if body == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// Close ends all boxes.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, p := range s.sorted() {
		errs = append(errs, p.stop())
	}
	return errors.Join(errs...)
}

func (s *Server) sorted() []*proxy {
	return slices.SortedFunc(maps.Values(s.proxies), func(a, b *proxy) int { return strings.Compare(a.Name, b.Name) })
}

func (s *Server) list(*http.Request) (int, any, error) { return http.StatusOK, s.proxies, nil }

// reset enables all proxies and takes all toxics away.
func (s *Server) reset(*http.Request) (int, any, error) {
	for _, p := range s.sorted() {
		p.clear()
		if err := p.start(); err != nil {
			return 0, nil, err
		}
	}
	return http.StatusNoContent, nil, nil
}

func (s *Server) create(r *http.Request) (int, any, error) {
	var e Entry
	if err := read(r.Body, &e); err != nil {
		return 0, nil, err
	}
	if missing := e.missing(); missing != "" {
		return 0, nil, missingField.about(missing)
	}
	if _, exists := s.proxies[e.Name]; exists {
		return 0, nil, proxyExists
	}
	p := s.proxy(e)
	if err := p.enable(e.enabled(true)); err != nil {
		return 0, nil, err
	}
	s.proxies[e.Name] = p
	return http.StatusCreated, p, nil
}

func (s *Server) proxy(e Entry) *proxy {
	return &proxy{Name: e.Name, Listen: e.Listen, asked: e.Listen, Upstream: e.Upstream, Toxics: []*toxic{}, options: s.options}
}

// populate creates or replaces proxies, as far as it goes.
func (s *Server) populate(r *http.Request) (int, any, error) {
	var entries []Entry
	if err := read(r.Body, &entries); err != nil {
		return populated(nil, err)
	}
	for i, e := range entries {
		if missing := e.missing(); missing != "" {
			return populated(nil, missingField.about(fmt.Sprintf("%s at proxy %d", missing, i+1)))
		}
	}
	return populated(s.replace(entries))
}

// populated is the answer of populate, which has an error beside what was done.
func populated(done []*proxy, err error) (int, any, error) {
	if done == nil {
		done = []*proxy{}
	}
	if err == nil {
		return http.StatusCreated, map[string]any{"proxies": done}, nil
	}
	p := asProblem(err)
	return p.Status, map[string]any{"error": p.Message, "status": p.Status, "proxies": done}, nil
}

// Populate creates the proxies of a list. One of the same name that is there
// already is replaced, unless it is the same.
func (s *Server) Populate(entries []Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.replace(entries)
	return err
}

func (s *Server) replace(entries []Entry) (done []*proxy, err error) {
	for _, e := range entries {
		p, exists := s.proxies[e.Name]
		if exists && p.is(e) {
			done = append(done, p)
			continue
		}
		if exists {
			delete(s.proxies, e.Name)
			if err := p.stop(); err != nil {
				return done, err
			}
		}
		p = s.proxy(e)
		if err := p.enable(e.enabled(true)); err != nil {
			return done, err
		}
		s.proxies[e.Name] = p
		done = append(done, p)
	}
	return done, nil
}

// named is the proxy that a request's path names.
func (s *Server) named(r *http.Request) (*proxy, error) {
	if p, known := s.proxies[r.PathValue("proxy")]; known {
		return p, nil
	}
	return nil, proxyNotFound
}

// ofProxy is a handler of the proxy that the path names.
func (s *Server) ofProxy(answer func(*proxy, *http.Request) (int, any, error)) handler {
	return func(r *http.Request) (int, any, error) {
		p, err := s.named(r)
		if err != nil {
			return 0, nil, err
		}
		return answer(p, r)
	}
}

func (s *Server) show(r *http.Request) (int, any, error) {
	p, err := s.named(r)
	return http.StatusOK, p, err
}

// update moves a proxy, and enables or disables it; what is left out stays.
func (s *Server) update(r *http.Request) (int, any, error) {
	p, err := s.named(r)
	if err != nil {
		return 0, nil, err
	}
	e := Entry{Listen: p.Listen, Upstream: p.Upstream}
	if err := read(r.Body, &e); err != nil {
		return 0, nil, err
	}
	on := e.enabled(p.Enabled)
	if !p.is(e) {
		err = p.stop()
		p.Listen, p.asked, p.Upstream = e.Listen, e.Listen, e.Upstream
	}
	if err = errors.Join(err, p.enable(on)); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, p, nil
}

func (s *Server) remove(r *http.Request) (int, any, error) {
	p, err := s.named(r)
	if err != nil {
		return 0, nil, err
	}
	delete(s.proxies, p.Name)
	return http.StatusNoContent, nil, p.stop()
}

// read decodes a request's body. Fields that nobody asked for are let be: clients
// send a proxy as they got it.
func read(body io.Reader, into any) error {
	if err := json.NewDecoder(body).Decode(into); err != nil {
		return badBody.about(err.Error())
	}
	return nil
}
