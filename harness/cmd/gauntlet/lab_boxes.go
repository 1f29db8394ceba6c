package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"

	"gauntlet/fixtures"
	"gauntlet/harness/lab"
	"gauntlet/harness/msn/greeting"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/profile"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies"
)

// spec is box i as it was asked for.
func (f *labFlags) spec(i int) (proxies.Spec, error) {
	profiles, err := profile.Load(fixtures.Files(), fixtures.Boxes)
	if err != nil {
		return proxies.Spec{}, err
	}
	if len(f.boxes) == 0 {
		return proxies.Spec{}, errors.New("--box: name at least one")
	}
	spec, err := profile.Table(profiles).ParseSpec(f.boxes[i])
	if err != nil {
		return spec, fmt.Errorf("--box: %w", err)
	}
	if (proxies.Chain{spec}).Explicit() == nil {
		return spec, fmt.Errorf("--box %q: no client can be set to it: name a forward proxy or a SOCKS proxy", f.boxes[i])
	}
	return spec, nil
}

// entrances binds what the client is set to in a case.
func (f *labFlags) entrances(c catalogue.Case, log *slog.Logger) ([]rig.Entrance, error) {
	list, err := f.bind()
	if err != nil {
		return list, err
	}
	list[0].Spec = c.Chain[0]
	for i, e := range list {
		wanted := greeting.HTTP
		if socks(e.Spec) {
			wanted = greeting.SOCKS
		}
		list[i].Listener = greeting.Listen(e.Listener, wanted, misdirected(log, wanted, e.Listener.Addr().String()))
	}
	return list, nil
}

func socks(spec proxies.Spec) bool { return strings.HasPrefix(string(spec.Kind), "socks") }

// bind takes the ports.
func (f *labFlags) bind() ([]rig.Entrance, error) {
	if len(f.cases) > 0 {
		e, err := f.entrance("--port", f.port)
		return []rig.Entrance{e}, err
	}
	var list []rig.Entrance
	for i := range f.boxes {
		spec, err := f.spec(i)
		if err != nil {
			return list, err
		}
		e, err := f.entrance("--box", spec.ListenPort())
		if err != nil {
			return list, err
		}
		e.Spec = spec
		list = append(list, e)
	}
	return list, nil
}

// entrance listens, with somebody at the door who sends away what a client that
// has been there before still asks for.
func (f *labFlags) entrance(flag string, port int) (rig.Entrance, error) {
	l, err := listenOn(flag, f.at(port))
	if err != nil {
		return rig.Entrance{}, err
	}
	return rig.Entrance{Listener: lab.NewDoorman(l.(*net.TCPListener))}, nil // listenOn knows no other kind
}

// at is where a box listens whose port is that.
func (f *labFlags) at(port int) string {
	if f.anyPort {
		port = 0
	}
	return net.JoinHostPort(f.listen, strconv.Itoa(port))
}

// keepPort has all cases use the port that the first one got: it is typed in
// once.
func (f *labFlags) keepPort(entrances []rig.Entrance) {
	if a, is := entrances[0].Listener.Addr().(*net.TCPAddr); is {
		f.port, f.anyPort = a.Port, false
	}
}

// places are what is to be typed into a client's dialog.
func (v *visit) places(entrances []rig.Entrance) []string {
	var list []string
	for _, e := range entrances {
		host, port, _ := net.SplitHostPort(typed(e.Listener))
		kind := "HTTP proxy"
		if socks(e.Spec) {
			kind = strings.ToUpper(string(e.Spec.Kind)) + " proxy"
		}
		list = append(list, fmt.Sprintf("%s: %s, port %s", kind, host, port))
	}
	return append(list, "account: "+rig.UserEmail+", password secret; the contact is "+rig.ContactEmail)
}
