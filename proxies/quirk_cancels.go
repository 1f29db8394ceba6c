package proxies

import (
	"context"
	"time"
)

// A faithful box finishes what a client began, as real proxies do: a client
// that leaves after its request has lost the answer, not the request. The
// exchange outlives the client by the upstream timeout at most.
//
// Quirk `cancels` (Quirks.Cancels): the box breaks the exchange off upstream
// as soon as the client leaves, as goproxy does.

// patience derives the context for an exchange upstream from the client's;
// release ends it. A box that closes ends exchanges by their connections.
func (b *httpBox) patience(client context.Context) (ctx context.Context, release func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(client))
	undoLeave := context.AfterFunc(client, func() {
		if !b.spec.Quirks.Cancels {
			await(ctx, b.spec.Quirks.timeout())
		}
		cancel()
	})
	return ctx, func() {
		undoLeave()
		cancel()
	}
}

// await returns after d, or when ctx ends.
func await(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
