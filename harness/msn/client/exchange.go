package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	"gauntlet/harness/msn/session"
	"gauntlet/proxies"
)

// exchange makes one request on a kept connection, or on a new one if none is
// free. A connection without a whole answer is closed before the news goes to
// the brain: a repeat on a second connection while the first still stands
// would be an overlap (S14).
func (s *carrier) exchange(r *session.Request) result {
	l := s.takeLine()
	if l == nil {
		conn, by, err := s.dial(r.Authority)
		if err != nil {
			return result{loss: session.Loss{Unsent: true}, err: err}
		}
		l = newLine(conn, r.Authority, by)
	}
	answer, loss, err := l.exchange(s.ctx, r, s.opt.AnswerTimeout)
	if err != nil || l.goodbye || l.outdated(r.Authority, answer.Status) {
		l.close()
	} else {
		s.keepLine(l)
	}
	return result{answer: answer, loss: loss, err: err}
}

// dial connects within the time that an answer may take: a proxy that is asked
// for a tunnel can fall silent as well.
func (s *carrier) dial(authority string) (net.Conn, proxies.Route, error) {
	ctx, cancel := context.WithTimeout(s.ctx, s.opt.AnswerTimeout)
	defer cancel()
	if s.opt.Secure == nil {
		return s.opt.Ways.dial(ctx, s.opt.Network, authority)
	}
	host, port, err := net.SplitHostPort(authority)
	if err != nil {
		host, port = strings.Trim(authority, "[]"), "443"
	}
	conn, by, err := s.opt.Ways.dial(ctx, s.opt.Network, net.JoinHostPort(host, port))
	if err != nil {
		return nil, proxies.Route{}, err
	}
	secured, err := s.opt.Secure(ctx, conn, host)
	if err != nil {
		return nil, proxies.Route{}, errors.Join(fmt.Errorf("TLS with %s: %w", host, err), conn.Close())
	}
	return secured, by, nil
}

// OverTLS is TLS with hosts that the trusted ones have certified.
func OverTLS(trusted *x509.CertPool) Securing {
	return func(ctx context.Context, conn net.Conn, host string) (net.Conn, error) {
		c := tls.Client(conn, &tls.Config{RootCAs: trusted, ServerName: host})
		return c, c.HandshakeContext(ctx)
	}
}

func (s *carrier) takeLine() *line {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) == 0 {
		return nil
	}
	l := s.idle[len(s.idle)-1]
	s.idle = s.idle[:len(s.idle)-1]
	return l
}

func (s *carrier) keepLine(l *line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, l)
}

// hangUp closes the kept connections, when nothing is out any more.
func (s *carrier) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.idle {
		l.close()
	}
	s.idle = nil
}
