package fingerprint

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"time"

	"gauntlet/proxies/network"
)

// Setup is where the box stands. Network, Box, Host and Listen are required.
type Setup struct {
	Network network.Network // on which the suite's clients dial
	Box     string          // the address of the box
	Host    string          // the authority in requests; what the box sends there ends at the origin
	// Listen binds the origin's address. It is called at first and again after
	// the suite has closed it to see what the box makes of that.
	Listen func() (net.Listener, error)
	// Credentials are user:password for a box that wants Basic authentication.
	Credentials string

	// Patience is for how long an answer is waited for; zero means 8 s.
	Patience time.Duration
	// Settle is for how long it is watched whether more comes of an exchange: a
	// close, a duplicate. Zero means 100 ms.
	Settle time.Duration
	// Idle is for how long idle connections are watched; zero leaves those
	// traits out.
	Idle time.Duration
}

// Take runs the suite, one probe after the other. Errors are those of the
// set-up, the first of which ends it: what a box does wrong is a trait. Once ctx ends no answer is waited for any
// more, and there is no fingerprint.
func Take(ctx context.Context, s Setup) (Fingerprint, error) {
	if s.Network == nil || s.Listen == nil || s.Box == "" || s.Host == "" {
		return nil, errors.New("fingerprint: a network, a box, a host and an origin's listener are needed")
	}
	if s.Patience == 0 {
		s.Patience = 8 * time.Second
	}
	if s.Settle == 0 {
		s.Settle = 100 * time.Millisecond
	}
	p := &probes{Setup: s, ctx: ctx, origin: newOrigin(s)}
	if err := p.origin.open(); err != nil {
		return nil, fmt.Errorf("fingerprint: %w", err)
	}
	defer p.origin.close()
	var f Fingerprint
	for _, probe := range suite() {
		if probe.idle && s.Idle == 0 {
			continue
		}
		p.begin()
		f = append(f, Trait{probe.name, probe.see(p)})
		if ctx.Err() != nil {
			return nil, fmt.Errorf("fingerprint: %w", context.Cause(ctx))
		}
		if p.err != nil {
			return nil, fmt.Errorf("fingerprint: %w", p.err)
		}
	}
	return f, nil
}

// probes is the suite at work.
type probes struct {
	Setup
	ctx    context.Context
	origin *origin
	probe  string // a word for the probe at hand
	count  int    // probes so far
	err    error

	refusing bool // nobody listens at the origin's address
}

// begin makes the origin forget and the box use a fresh connection: whatever
// it has pooled is closed from the other side.
func (p *probes) begin() {
	p.count++
	p.probe = fmt.Sprintf("p%d", p.count)
	p.origin.drop()
	p.pause()
}

// pause lets what is under way arrive.
func (p *probes) pause() { p.wait(p.Settle) }

func (p *probes) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-p.ctx.Done():
	}
}

func deadline(d time.Duration) time.Time { return time.Now().Add(d) }

func (p *probes) credentials() string {
	if p.Credentials == "" {
		return ""
	}
	return "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(p.Credentials)) + "\r\n"
}
