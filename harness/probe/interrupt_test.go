package probe

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/msn/gateway"
)

// A question that is interrupted has no answer: a session that nobody waited for is not
// one that the gateway has given up.
func TestAnInterruptedQuestionHasNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, gateway.Dialect{}, nil)
		defer s.close()
		ctx, interrupt := context.WithCancel(t.Context())
		all := checks()
		last, before := all[len(all)-1].id, all[len(all)-2].id
		var told []string
		r, err := Run(ctx, Target{Network: s.net.Host(proberIP), Address: gatewayIP + ":80", Idle: 3 * time.Minute, Done: func(f Finding) {
			if told = append(told, f.ID); f.ID == before {
				time.AfterFunc(10*time.Second, interrupt)
			}
		}})
		if !errors.Is(err, context.Canceled) || slices.Contains(told, last) || len(r.Findings) != len(all)-1 || len(r.Traits) > 0 {
			t.Errorf("%v, told of %d questions, reported %d of %d, and the traits %v", err, len(told), len(r.Findings), len(all), r.Traits)
		}
	})
}
