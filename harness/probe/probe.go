// Package probe judges a gateway server, as the rest of Gauntlet judges
// clients: a raw client asks it what the statements about servers say (S5-S21,
// S43-S59) and what real clients need, and tells which of the known dialects
// its behaviour is like. It signs nobody in: version and client information
// are commands enough. It knows nothing of boxes and of the rig; the command
// and specs import it. What it starts has ended when Run returns.
package probe

import (
	"context"
	"fmt"
	"time"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/gateway"
	"gauntlet/proxies/network"
)

// Target is the gateway to be judged. Network and Address must be set.
type Target struct {
	Network network.Network
	Address string // host:port to connect to, whatever GW-IP says
	// Name is the authority in requests; "" = the dispatch host (S5).
	Name string
	// IP is what opens say in IP=; "" = messenger.hotmail.com.
	IP string
	// Idle is for how long to watch sessions that nobody polls; 0 = not at all.
	Idle time.Duration
	// Patience is how long a reply may take; 0 = 10 s.
	Patience time.Duration
	// Done, when set, hears of each finding as soon as it is made.
	Done func(Finding)
}

// Finding is what was found out by one check.
type Finding struct {
	ID         string            `json:"id"`
	Question   string            `json:"question"`
	Statements []int             `json:"statements,omitempty"` // of the source, S-numbers
	Level      requirement.Level `json:"level"`
	Status     oracle.Status     `json:"status"`
	Observed   string            `json:"observed"`
}

// Report is all that was found out.
type Report struct {
	Address  string              `json:"address"`
	Findings []Finding           `json:"findings"`
	Traits   map[string][]string `json:"traits"` // by knob, the values of it that fit
	Dialects []Likeness          `json:"dialects"`
}

// check is one question and how it is put.
type check struct {
	id         string
	level      requirement.Level
	statements []int
	question   string
	run        func(*prober) (outcome, error)
}

// outcome is what a check saw.
type outcome struct {
	status oracle.Status
	said   string
}

func pass(format string, args ...any) (outcome, error) {
	return outcome{oracle.Pass, fmt.Sprintf(format, args...)}, nil
}

func fail(format string, args ...any) (outcome, error) {
	return outcome{oracle.Fail, fmt.Sprintf(format, args...)}, nil
}

func unsure(format string, args ...any) (outcome, error) {
	return outcome{oracle.Inconclusive, fmt.Sprintf(format, args...)}, nil
}

// Run puts all questions, one after another. It returns early, with an error,
// when ctx ends or when the gateway cannot be reached at all.
func Run(ctx context.Context, t Target) (Report, error) {
	p := &prober{ctx: ctx, target: t.normal(), traits: map[string][]string{}}
	r := Report{Address: t.Address}
	c, err := p.dial()
	if err != nil {
		return r, fmt.Errorf("nothing to probe at %s: %w", t.Address, err)
	}
	if line := p.stranger(c); line != "" {
		return r, fmt.Errorf("no gateway here: %s answers %q to a request that opens a session", t.Address, line)
	}
	for _, one := range checks() {
		f := p.put(one)
		if ctx.Err() != nil { // the gateway has no part in how this one came out
			return r, context.Cause(ctx)
		}
		r.Findings = append(r.Findings, f)
		p.target.Done(f)
	}
	r.Traits = p.traits // only now: one that is interrupted has learned what is not so
	r.Dialects = likenesses(p.traits, gateway.Dialects())
	return r, nil
}

func (t Target) normal() Target {
	if t.Name == "" {
		t.Name = gateway.DefaultHost
	}
	if t.IP == "" {
		t.IP = "messenger.hotmail.com"
	}
	if t.Patience <= 0 {
		t.Patience = 10 * time.Second
	}
	if t.Done == nil {
		t.Done = func(Finding) {}
	}
	return t
}
