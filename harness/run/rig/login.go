package rig

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"gauntlet/harness/msn/login"
	"gauntlet/proxies/network"
)

// loginHost is where the login services stand.
const loginHost = "10.9.0.43"

// putLogin starts the web services that real clients sign in with: by their
// names, or by CONNECT through a box.
func (s *stage) putLogin() error {
	if s.o.Authority == nil {
		return nil
	}
	l, address, err := s.ground.listen(loginHost, 443)
	if err != nil {
		return err
	}
	if g, is := s.ground.(*loopbackGround); is {
		g.only = true
		for _, name := range login.Names() {
			g.routes[name+":443"] = address
		}
		for _, name := range login.Domains() {
			g.below[name+":443"] = address
		}
	}
	handler := login.New(login.Options{Directory: s.messenger, Observe: s.recorder.Record, Logger: s.logger()})
	s.services = &http.Server{Handler: handler, ReadHeaderTimeout: 30 * time.Second, ErrorLog: handler.ErrorLog()}
	speaks := s.o.Authority.Config("login.live.com", login.Certified()...)
	speaks.MaxVersion = tls.VersionTLS12 // in 1.3 not every client's alert on our certificate can be read
	s.serve(tls.NewListener(l, speaks), "login", func(l net.Listener) error {
		if err := s.services.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	return nil
}

// from is the network as a box on host sees it.
func (s *stage) from(host string) network.Network { return doorkeeper{s.ground.on(host), s.recorder} }
