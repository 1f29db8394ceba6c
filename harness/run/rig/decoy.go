package rig

import (
	"gauntlet/harness/judge/history"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/catalogue"
	"gauntlet/proxies"
)

// decoyHost is where the proxy stands that a client is given and not to use.
const decoyHost = "10.1.99.1"

// putDecoy starts a proxy that works, beside the chain: a client that uses it
// although it is switched off is served, and seen.
func (s *stage) putDecoy() error {
	if s.c.Proxy != catalogue.SwitchedOff {
		return nil
	}
	l, address, err := s.ground.listen(decoyHost, 3128)
	if err != nil {
		return err
	}
	box, err := proxies.New(proxies.Spec{Kind: proxies.Forward}, proxies.Options{Network: s.ground.on(decoyHost)})
	if err != nil {
		return err
	}
	s.boxes, s.decoy = append(s.boxes, box), address
	s.serve(l, "decoy", box.Serve)
	return nil
}

// noteRoute records what the client is told, for the oracles. To which of
// several entrances a person sets theirs is not known.
func (s *stage) noteRoute() {
	if s.o.Attended != nil && len(s.o.Attended.Front) > 1 {
		return
	}
	e := history.Event{Kind: history.Configured, How: "direct", Text: gatewayName}
	switch {
	case s.route.Kind != client.Direct:
		e.How, e.ID = string(s.route.Kind), s.route.Proxy
	case s.decoy != "":
		e.How, e.ID = "proxy switched off", s.decoy
	}
	s.note(e)
}
