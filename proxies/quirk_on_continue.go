package proxies

import (
	"context"
	"errors"
)

// A faithful box swallows a 100 Continue for which its client did not ask:
// those clients are old that do not expect it.
//
// Quirk `on-continue passes|fails|stalls` (Quirks.OnContinue): it passes it on,
// takes it for a broken answer, or waits for ever for what it believes is still
// to come.

var errInterim = errors.New("the server sent an interim answer")

// gotInterim is told of an interim answer; an error ends the exchange.
func (x *exchange) gotInterim(ctx context.Context, code int) error {
	x.began.Store(false)
	switch x.box.spec.Quirks.OnContinue {
	case "fails":
		return errInterim
	case "stalls":
		await(ctx, x.box.spec.Quirks.timeout())
		return errInterim
	}
	if x.w != nil {
		x.w.WriteHeader(code)
	}
	return nil
}
