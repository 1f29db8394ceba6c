package socks

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// both runs a client against a server on one connection. dialled is how the
// server's dial goes.
func both(t *testing.T, client, server Protocol, address string, dialled error) (asked string, accepted, answered error) {
	t.Helper()
	near, far := net.Pipe()
	defer near.Close()
	near.SetDeadline(time.Now().Add(10 * time.Second))
	served := make(chan error, 1)
	go func() {
		var err error
		if asked, err = server.Accept(far); err == nil {
			err = server.Reply(far, dialled)
		}
		far.Close()
		served <- err
	}()
	answered = client.Ask(near, address)
	near.Close()
	return asked, <-served, answered
}

func TestBothEndsUnderstandEachOther(t *testing.T) {
	for _, c := range []struct {
		version Version
		login   string
		address string
	}{
		{V4, "", "10.0.0.9:80"}, {V4, "me", "10.0.0.9:80"}, {V4, "me:secret", "10.0.0.9:65535"},
		{V4a, "", "gw.example:80"}, {V4a, "me", "gw.example:80"}, {V4a, "", "10.0.0.9:80"},
		{V5, "", "gw.example:80"}, {V5, "me:secret", "gw.example:1"}, {V5, "", "10.0.0.9:80"}, {V5, "", strings.Repeat("x", 255) + ":80"},
	} {
		p := Protocol{c.version, c.login}
		if asked, accepted, answered := both(t, p, p, c.address, nil); asked != c.address || accepted != nil || answered != nil {
			t.Errorf("%+v: asked for %q, %v, %v", c, asked, accepted, answered)
		}
	}
}

func TestAClientIsToldWhatWentWrong(t *testing.T) {
	for name, c := range map[string]struct {
		client, server Protocol
		dialled        error
		says           string
	}{
		"refused, 4":           {Protocol{V4, ""}, Protocol{V4, ""}, syscall.ECONNREFUSED, "SOCKS 4 says 91"},
		"refused, 5":           {Protocol{V5, ""}, Protocol{V5, ""}, syscall.ECONNREFUSED, "SOCKS 5 says 5"},
		"no such name":         {Protocol{V5, ""}, Protocol{V5, ""}, &net.DNSError{}, "SOCKS 5 says 4"},
		"too late":             {Protocol{V5, ""}, Protocol{V5, ""}, context.DeadlineExceeded, "SOCKS 5 says 6"},
		"another failure":      {Protocol{V5, ""}, Protocol{V5, ""}, io.EOF, "SOCKS 5 says 1"},
		"wrong user, 4a":       {Protocol{V4a, "you"}, Protocol{V4a, "me"}, nil, "SOCKS 4 says 93"},
		"wrong password":       {Protocol{V5, "me:s"}, Protocol{V5, "me:t"}, nil, "does not accept the password"},
		"password not asked":   {Protocol{V5, "me:s"}, Protocol{V5, ""}, nil, "chooses method 255"},
		"without the password": {Protocol{V5, ""}, Protocol{V5, "me:s"}, nil, "chooses method 255"},
	} {
		if _, _, answered := both(t, c.client, c.server, "10.0.0.9:80", c.dialled); answered == nil || !strings.Contains(answered.Error(), c.says) {
			t.Errorf("%s: %v", name, answered)
		}
	}
}

func TestWhatCannotBeAsked(t *testing.T) {
	for address, version := range map[string]Version{
		"gw.example:80": V4, "no-port": V5, "gw.example:70000": V5, strings.Repeat("x", 256) + ":80": V5,
	} {
		if err := (Protocol{Version: version}).Ask(nil, address); err == nil {
			t.Errorf("%s: no error", address)
		}
	}
}

func TestASilentClient(t *testing.T) {
	near, far := net.Pipe()
	near.Close()
	if _, err := (Protocol{Version: V5}).Accept(far); !errors.Is(err, ErrSilent) {
		t.Error(err)
	}
}
