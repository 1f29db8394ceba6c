package rig

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"gauntlet/harness/msn/login"
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
	}
	s.services = &http.Server{
		Handler:           login.New(login.Options{Directory: s.messenger, Logger: s.logger()}),
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          login.ErrorLog(s.logger()),
	}
	s.serve(tls.NewListener(l, s.o.Authority.Config("login.live.com")), "login", func(l net.Listener) error {
		if err := s.services.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	return nil
}
