package mutants

import (
	"context"
	"net"
	"sync"

	"gauntlet/harness/run/adapter"
)

// firstAddress names the new gateway in its requests and sends them to the old
// one.
var firstAddress = Mutant{
	Name:     "first-address",
	Defect:   "connects to the first gateway again after it has moved",
	Violates: "gateway-ip.reconnected",
	Seen:     "libpurple 2, msn-pecan, Kopete, pymsn: change the URL and not the connection",
	Needs:    NeedsFault,
	Cases:    []string{"gateway-moves-poll-*"},
	New:      tampered(redialFirst),
}

func redialFirst(adapter.Setup) tamper {
	var once sync.Once
	var first string
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		once.Do(func() { first = address })
		return d(ctx, first)
	}}
}
