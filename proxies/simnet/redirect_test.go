package simnet_test

import (
	"syscall"
	"testing"

	"gauntlet/proxies/network"
	"gauntlet/proxies/simnet"
)

const (
	interceptorIP = "10.0.0.3"
	interceptor   = interceptorIP + ":3128"
)

var redirects = []struct {
	name     string
	rules    []simnet.Redirect
	from, to string
	reaches  string // the listener's address; empty: refused
}{
	{"no rule", nil, clientIP, "server:80", "10.0.0.2:80"},
	{"anybody", []simnet.Redirect{{Port: 80, To: interceptor}}, clientIP, "server:80", interceptor},
	{"one host", []simnet.Redirect{{From: clientIP, Port: 80, To: interceptor}}, clientIP, "server:80", interceptor},
	{"another host", []simnet.Redirect{{From: "10.0.0.9", Port: 80, To: interceptor}}, clientIP, "server:80", "10.0.0.2:80"},
	{"another port", []simnet.Redirect{{Port: 81, To: interceptor}}, clientIP, "server:80", "10.0.0.2:80"},
	{"nobody at the destination", []simnet.Redirect{{Port: 80, To: interceptor}}, clientIP, "10.9.9.9:80", interceptor},
	{"the interceptor itself", []simnet.Redirect{{Port: 80, To: interceptor}}, interceptorIP, "server:80", "10.0.0.2:80"},
	{"to the interceptor", []simnet.Redirect{{Port: 8080, To: interceptor}}, clientIP, interceptorIP + ":8080", "10.0.0.3:8080"},
	{"first rule holds", []simnet.Redirect{{Port: 80, To: interceptor}, {Port: 80, To: "10.0.0.3:8080"}}, clientIP, "server:80", interceptor},
	{"nobody intercepts", []simnet.Redirect{{Port: 80, To: "10.0.0.3:1"}}, clientIP, "server:80", ""},
	{"nonsense", []simnet.Redirect{{Port: 80, To: "nonsense"}}, clientIP, "server:80", ""},
}

func TestRedirect(t *testing.T) {
	for _, r := range redirects {
		t.Run(r.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := simnet.New(simnet.Options{})
				defer n.Close()
				accepted := make(chan *simnet.Conn, 1)
				serve(n, listen(t, n.Host(serverIP, "server"), ":80"), accepted)
				serve(n, listen(t, n.Host(interceptorIP), ":3128"), accepted)
				serve(n, listen(t, n.Host(interceptorIP), ":8080"), accepted)
				for _, rule := range r.rules {
					n.Redirect(rule)
				}
				c, err := dial(n.Host(r.from), r.to)
				if r.reaches == "" {
					wantError(t, "dial", err, syscall.ECONNREFUSED)
					return
				}
				check(t, c.(*simnet.Conn), <-accepted, r.reaches)
			})
		})
	}
}

// serve passes on what l accepts, until the network closes.
func serve(n *simnet.Net, l *simnet.Listener, accepted chan<- *simnet.Conn) {
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c.(*simnet.Conn)
		}
	}()
}

// check compares what both ends say of a connection.
func check(t *testing.T, c, s *simnet.Conn, reaches string) {
	t.Helper()
	if got := s.LocalAddr().String(); got != reaches {
		t.Errorf("reached %s, want %s", got, reaches)
	}
	if s.RemoteAddr().String() != c.LocalAddr().String() {
		t.Errorf("peer is %s, dialler is %s", s.RemoteAddr(), c.LocalAddr())
	}
	original, redirected := network.OriginalDestination(s)
	if dialled := c.RemoteAddr().String(); redirected != (dialled != reaches) || redirected && original != dialled {
		t.Errorf("original destination %q, %v; dialled %s", original, redirected, dialled)
	}
}
