// Package upstream is the way from a gateway to an MSNP server that somebody
// else runs, over TCP. It knows how a notification server names switchboards
// (XFR and RNG), follows it to the server at which it wants a user to sign in,
// and lets the gateway reach those and nothing else: a gateway
// that dialled whatever IP= says would be an open relay into its network. It
// knows nothing of HTTP. The command's gateway imports it. It starts no
// goroutine; connections belong to whoever dialled them.
package upstream

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"
)

// known is for how long a switchboard that was named may be dialled, after it
// was named last. Tickets live for two minutes.
const known = 10 * time.Minute

// most is how many switchboards are remembered at one time.
const most = 4096

// Server is an MSNP server behind a gateway. It is safe for concurrent use.
type Server struct {
	notification string
	dial         func(ctx context.Context, network, address string) (net.Conn, error)
	log          *slog.Logger

	mu    sync.Mutex
	named map[string]place // by host, as IP= will say it
}

// place is a switchboard and when it was named last.
type place struct {
	address string
	at      time.Time
}

// New is a server whose notification server is at address, host:port. dial may
// be nil: the real network. A nil logger is silent.
func New(address string, dial func(ctx context.Context, network, address string) (net.Conn, error), log *slog.Logger) (*Server, error) {
	if host, port, err := net.SplitHostPort(address); err != nil || host == "" || port == "" {
		return nil, fmt.Errorf("upstream %q: want host:port, such as messenger.example.com:1863", address)
	}
	if dial == nil {
		var d net.Dialer
		dial = d.DialContext
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Server{notification: address, dial: dial, log: log, named: map[string]place{}}, nil
}

// Dial reaches the notification server, or the switchboard on the host ip,
// which the notification server must have named to somebody in the last ten
// minutes (S39): IP= has no port, so the port is the one that was named.
func (s *Server) Dial(ctx context.Context, server, ip string) (net.Conn, error) {
	if server == "SB" {
		address, ok := s.find(ip)
		if !ok {
			return nil, fmt.Errorf("no switchboard at %q was named by %s", ip, s.notification)
		}
		return s.dial(ctx, "tcp", address)
	}
	conn, err := s.dial(ctx, "tcp", s.notification)
	if err != nil {
		return nil, fmt.Errorf("upstream: %w (is the MSNP server up?)", err)
	}
	return s.listen(conn), nil
}

func (s *Server) find(host string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.named[host]
	return p.address, ok && time.Since(p.at) < known
}

// note remembers where a switchboard is.
func (s *Server) note(address string) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		s.log.Warn("upstream names a switchboard without a port", "address", address)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, again := s.named[host]; !again && len(s.named) >= most {
		s.forget()
	}
	s.named[host] = place{address, time.Now()}
}

// forget makes room: what is out of date goes, else anything.
func (s *Server) forget() {
	var any string
	for host, p := range s.named {
		any = host
		if time.Since(p.at) >= known {
			delete(s.named, host)
		}
	}
	if len(s.named) >= most {
		delete(s.named, any)
	}
}
