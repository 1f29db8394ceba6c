package specs

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// playedSite is a site whose messenger the spec plays itself.
type playedSite struct {
	*site
	messenger []net.Conn // the gateway's sessions, seen from the messenger
	heard     strings.Builder
	listening sync.WaitGroup
}

func newPlayedSite(dialect string) *playedSite {
	GinkgoHelper()
	s := &playedSite{}
	s.site = newSite(dialectOf(dialect), s.reach)
	return s
}

// reach gives the gateway one end of a pipe and plays the other.
func (s *playedSite) reach(_ context.Context, _, ip string) (net.Conn, error) {
	if ip == "unreachable" {
		return nil, fmt.Errorf("no messenger at %s", ip)
	}
	near, far := net.Pipe()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messenger = append(s.messenger, far)
	s.listening.Go(func() { s.hear(far) })
	return near, nil
}

func (s *playedSite) hear(c net.Conn) {
	room := make([]byte, 4096)
	for {
		n, err := c.Read(room)
		s.mu.Lock()
		s.heard.Write(room[:n])
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// newest is the messenger's side of the newest session.
func (s *playedSite) newest() net.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.messenger[len(s.messenger)-1]
}

func (s *playedSite) say(what string) {
	GinkgoHelper()
	_, err := s.newest().Write([]byte(what))
	Expect(err).NotTo(HaveOccurred())
}

func (s *playedSite) hangUp() { _ = s.newest().Close() }

// takeHeard is what the messenger has heard since the last call.
func (s *playedSite) takeHeard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.heard.Reset()
	return s.heard.String()
}

// story is the gateway's events so far, one per line.
func (s *playedSite) story() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, e := range s.events {
		fmt.Fprintf(&b, "%s", e.Kind)
		for _, part := range []string{fmt.Sprint(e.Session), e.Server, e.User, e.Action, e.ID, e.NewID, e.Text} {
			if part != "" && part != "0" {
				b.WriteString(" · " + part)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (s *playedSite) close() {
	GinkgoHelper()
	s.site.close()
	s.listening.Wait()
}
