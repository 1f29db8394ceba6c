package probe

import (
	"fmt"
	"net"
	"strings"

	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/msn/msnhttp"
)

// openAnswered opens a session and asks whether the server speaks MSNP.
func openAnswered(p *prober) (outcome, error) {
	s, err := p.open()
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	if err := s.until("VER 1 "); err != nil {
		return fail("the session is there, but the server behind it: %v", err)
	}
	return pass("%s, and %q", s.answers[0].line, clip(s.heard))
}

// usual is a session with an answer of each kind: to an open, to a command, to
// polls.
func usual(p *prober) (*session, error) {
	s, err := p.open()
	if err != nil {
		return nil, err
	}
	ask, reply := p.information()
	if _, err = s.say(ask); err == nil {
		err = s.until(reply)
	}
	for range 2 {
		if err == nil {
			_, err = s.poll()
		}
	}
	return s, err
}

// each looks at every answer of a usual session. wrong says what is the matter
// with one, "" if nothing.
func each(p *prober, wrong func(answer) string) (outcome, error) {
	s, err := usual(p)
	if err != nil {
		return outcome{}, err
	}
	defer s.leave()
	var first string
	for i, a := range s.answers { // all of them: wrong may learn from each
		if why := wrong(a); why != "" && first == "" {
			first = fmt.Sprintf("answer %d of a session: %s", i+1, why)
		}
	}
	if first != "" {
		return fail("%s", first)
	}
	return pass("in %d answers: %s", len(s.answers), s.answers[0].header)
}

func answerHeader(p *prober) (outcome, error) {
	return each(p, func(a answer) string {
		if a.session.SessionID == "" {
			return "no SessionID"
		}
		return ""
	})
}

// answerGatewayIP also tells by which rule GW-IP is chosen.
func answerGatewayIP(p *prober) (outcome, error) {
	seen := map[string]bool{}
	got, err := each(p, func(a answer) string {
		seen[a.session.GatewayIP] = true
		if a.session.GatewayIP == "" {
			return fmt.Sprintf("no GW-IP in %q", a.header)
		}
		if _, _, err := net.SplitHostPort(a.session.GatewayIP); err == nil && p.target.IP != a.session.GatewayIP {
			return "GW-IP has a port: " + a.session.GatewayIP
		}
		return ""
	})
	p.learn("gw-ip", gatewayRule(seen, p.target)...)
	return got, err
}

func gatewayRule(seen map[string]bool, t Target) []string {
	switch {
	case len(seen) > 1:
		return []string{string(gateway.GatewayMoving)}
	case seen[t.IP]:
		return []string{string(gateway.GatewayEcho)}
	case seen[gateway.DefaultHost]:
		return []string{string(gateway.GatewayFixed), string(gateway.GatewayName)}
	}
	for host := range seen {
		if net.ParseIP(host) == nil {
			return []string{string(gateway.GatewayName)}
		}
	}
	return []string{string(gateway.GatewayFixed)}
}

// answerSpelling wants what clients that split by fixed words can read.
func answerSpelling(p *prober) (outcome, error) {
	styles := map[string]bool{}
	got, err := each(p, func(a answer) string {
		style := styleOf(a)
		styles[style] = true
		switch {
		case !strings.HasPrefix(a.header, msnhttp.HeaderName+": "):
			return fmt.Sprintf("%q, where some clients want %q to the letter", clip(a.header), msnhttp.HeaderName+": ")
		case style != string(gateway.HeaderStandard):
			return fmt.Sprintf("%q, where some clients want SessionID=…; GW-IP=… to the letter", clip(a.header))
		}
		return ""
	})
	if len(styles) > 1 {
		p.learn("header", string(gateway.HeaderVaried))
	} else {
		for style := range styles {
			p.learn("header", style)
		}
	}
	return got, err
}

// styleOf is how a header's value is laid out.
func styleOf(a answer) string {
	_, value, _ := strings.Cut(a.header, ":")
	value = strings.TrimSpace(value)
	first, rest, _ := strings.Cut(value, ";")
	switch {
	case strings.Contains(value, " =") || strings.Contains(value, "= ") || strings.Contains(value, " ;"):
		return string(gateway.HeaderWide)
	case !strings.HasPrefix(first, "SessionID="):
		return string(gateway.HeaderReordered)
	case !strings.HasPrefix(rest, " "):
		return string(gateway.HeaderTight)
	}
	return string(gateway.HeaderStandard)
}

func answerLength(p *prober) (outcome, error) {
	return each(p, func(a answer) string {
		switch {
		case a.chunked:
			return "it is chunked, which some clients cannot read"
		case a.length < 0:
			return "no Content-Length"
		}
		return ""
	})
}

func answerKeepsConnection(p *prober) (outcome, error) {
	return each(p, func(a answer) string {
		if a.closes() {
			return "the connection is closed after it"
		}
		return ""
	})
}
