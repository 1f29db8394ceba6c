package mutants

import (
	"context"
	"net"
	"sync"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
)

// greets its HTTP proxy as it would a SOCKS proxy, and tries HTTP when it gets no
// answer.
var greets = Mutant{
	Name:     "greets",
	Defect:   "begins with a SOCKS greeting to an HTTP proxy",
	Violates: "route.no-socks",
	Seen:     "the official client 5: its settings confuse HTTP and SOCKS proxies",
	Needs:    NeedsSetting,
	Cases:    []string{"route-port-3128"},
	Also:     []Collateral{{uncurbed, []requirement.ID{"connection.backs-off"}}},
	New:      tampered(greet),
}

func greet(s adapter.Setup) tamper {
	var once sync.Once
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		if s.Route.Kind == client.HTTPProxy {
			once.Do(func() { sayHello(ctx, d, address) })
		}
		return d(ctx, address)
	}}
}

// sayHello offers SOCKS5 without authentication. Nothing that comes of it is of
// interest.
func sayHello(ctx context.Context, d dialler, address string) {
	conn, err := d(ctx, address)
	if err != nil {
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = conn.Write([]byte{5, 1, 0})
	_, _ = conn.Read(make([]byte, 2))
}
