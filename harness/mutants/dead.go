package mutants

import (
	"context"
	"errors"
	"net"
	"sync/atomic"

	"gauntlet/harness/run/adapter"
)

var errDead = errors.New("the client is dead")

// diesOf is a client that a certain answer kills: from then on it neither
// connects nor sends.
func diesOf(fatal func(*answer) bool) adapter.Factory {
	return tampered(func(adapter.Setup) tamper {
		dead := &atomic.Bool{}
		return tamper{
			dial: func(ctx context.Context, d dialler, address string) (net.Conn, error) {
				if dead.Load() {
					return nil, errDead
				}
				return d(ctx, address)
			},
			answer: func(a *answer) {
				if fatal(a) || dead.Load() {
					dead.Store(true)
					a.fatal = errDead
				}
			},
		}
	})
}
