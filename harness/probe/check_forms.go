package probe

import (
	"fmt"
	"io"
	"strings"
	"time"
)

func formAbsolute(p *prober) (outcome, error) {
	return p.converses(p.request("http://"+p.target.Name+p.opening(), version))
}

func formOrigin(p *prober) (outcome, error) { return p.converses(p.request(p.opening(), version)) }

// formUserAgent comes as several clients, one of them a browser and one that
// says nothing of itself.
func formUserAgent(p *prober) (outcome, error) {
	if got, err := p.converses(p.request(p.opening(), version)); err != nil {
		return got, fmt.Errorf("without a User-Agent: %w", err)
	}
	agents := []string{"MSMSGS", "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/535.11", "gauntlet"}
	for _, agent := range agents {
		got, err := p.converses(p.request(p.opening(), version, "User-Agent: "+agent))
		if err != nil {
			return got, fmt.Errorf("as %s: %w", agent, err)
		}
	}
	return pass("%d different ones, and none at all", len(agents))
}

// formPost expects that a GET begins nothing.
func formPost(p *prober) (outcome, error) {
	c, err := p.dial()
	if err != nil {
		return outcome{}, err
	}
	defer c.Close()
	a, err := c.ask("GET " + p.opening() + " HTTP/1.1\r\nHost: " + p.target.Name + "\r\n\r\n")
	if err != nil {
		return pass("a GET got %v", err)
	}
	if a.status == 200 && a.session.HasSessionID {
		return fail("a GET opened a session")
	}
	return pass("a GET got %s", a.line)
}

// formExpect holds the body back until the gateway has said something.
func formExpect(p *prober) (outcome, error) {
	c, err := p.dial()
	if err != nil {
		return outcome{}, err
	}
	defer c.Close()
	whole := p.request(p.opening(), version, "Expect: 100-continue")
	if _, err := io.WriteString(c, strings.TrimSuffix(whole, version)); err != nil {
		return outcome{}, err
	}
	if err := c.SetReadDeadline(time.Now().Add(longestPause)); err != nil {
		return outcome{}, err
	}
	_, silent := c.in.Peek(1) // without a word, too, a client sends its body in the end
	a, err := c.ask(version)
	switch {
	case err != nil:
		return outcome{}, err
	case a.status != 200:
		return fail("got %s", a.line)
	case silent != nil:
		return pass("%s, but no 100 in %v", a.line, longestPause)
	}
	return pass("%s", a.line)
}

// longestPause is how long real clients wait for 100 before they send the body
// all the same.
const longestPause = 350 * time.Millisecond

func formOldVersion(p *prober) (outcome, error) {
	return p.converses(strings.Replace(p.request(p.opening(), version, "Connection: Keep-Alive"), "HTTP/1.1", "HTTP/1.0", 1))
}
