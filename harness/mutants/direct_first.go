package mutants

import (
	"context"
	"net"
	"sync"

	"gauntlet/harness/run/adapter"
)

// directFirst knocks at MSNP's own port before it uses HTTP.
var directFirst = Mutant{
	Name:     "direct-first",
	Defect:   "tries a direct connection to port 1863 first",
	Violates: "route.no-direct-attempt",
	Seen:     "the official client 5: always tries to connect directly first",
	New:      tampered(knock),
}

func knock(adapter.Setup) tamper {
	var once sync.Once
	return tamper{dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
		once.Do(func() {
			if conn, err := d(ctx, "messenger.hotmail.com:1863"); err == nil {
				_ = conn.Close() // it was not to be had here
			}
		})
		return d(ctx, address)
	}}
}
