package probe

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"gauntlet/harness/msn/msnhttp"
)

// session is one session in the hands of the prober.
type session struct {
	p       *prober
	c       *conn
	id      string
	heard   string // every body so far
	answers []answer
}

// script is the gateway's, as a path.
const script = "/gateway/gateway.dll"

func poll(id string) string    { return script + "?Action=poll&SessionID=" + msnhttp.EscapeID(id) }
func command(id string) string { return script + "?SessionID=" + msnhttp.EscapeID(id) }

const version = "VER 1 MSNP8 CVR0\r\n"

// ask sends a whole request on a connection and reads its answer.
func (c *conn) ask(request string) (answer, error) {
	if _, err := io.WriteString(c, request); err != nil {
		return answer{}, err
	}
	return c.receive()
}

// take goes on with the session by an answer.
func (s *session) take(a answer, err error) (answer, error) {
	switch {
	case err != nil:
		return a, err
	case a.status != 200:
		return a, fmt.Errorf("got %s", clip(a.line))
	case !a.session.HasSessionID || a.session.SessionID == "":
		return a, errors.New("got a 200 without a SessionID")
	}
	s.id, s.heard = a.session.SessionID, s.heard+string(a.body)
	s.answers = append(s.answers, a)
	return a, nil
}

// fresh makes sure that the connection can be used.
func (s *session) fresh() error {
	if n := len(s.answers); n == 0 || !s.answers[n-1].closes() {
		return nil
	}
	return s.reconnect()
}

// reconnect goes on with another connection; the old one is closed.
func (s *session) reconnect() error {
	_ = s.c.Close() // nothing is expected of it
	c, err := s.p.dial()
	if err == nil {
		s.c = c
	}
	return err
}

// say sends commands, poll asks for what is queued; both go on with the
// session.
func (s *session) say(commands string) (answer, error) {
	return s.ask(s.p.request(command(s.id), commands))
}

func (s *session) poll() (answer, error) { return s.ask(s.p.request(poll(s.id), "")) }

func (s *session) ask(request string) (answer, error) {
	if err := s.fresh(); err != nil {
		return answer{}, err
	}
	return s.take(s.c.ask(request))
}

// pace is the time between polls that wait for a reply.
const pace = 250 * time.Millisecond

// until polls until the server has said words, or nothing came for too long.
func (s *session) until(words string) error {
	for end := time.Now().Add(s.p.target.Patience); !strings.Contains(s.heard, words); {
		if time.Now().After(end) {
			return fmt.Errorf("%q was never said, but %q", words, clip(s.heard))
		}
		if err := s.p.wait(pace); err != nil {
			return err
		}
		if _, err := s.poll(); err != nil {
			return err
		}
	}
	return nil
}

// leave ends the session as a client does. How it is answered is another
// check's business.
func (s *session) leave() {
	if s.fresh() == nil {
		_, _ = s.c.ask(s.p.request(command(s.id), "OUT\r\n"))
	}
	_ = s.c.Close() // likewise
}
