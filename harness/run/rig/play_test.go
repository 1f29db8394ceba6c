package rig

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
)

// deaf is a contact whom nobody answers, and who can call but once.
type deaf struct{ contact }

func (deaf) waitJoined(ctx context.Context, _ string) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

func (deaf) invite(context.Context, string) error { return errors.New("invite: alice is signed out") }

func TestWhyNobodyCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for kind, want := range map[adapter.Kind]string{
			adapter.BlackBox: "the contact saw nobody come: invite: alice is signed out",
			adapter.Driven:   "the contact saw nobody come: not done after 1m0s",
		} {
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("not done after 1m0s"))
			defer cancel()
			p := &play{env: &env{o: Options{ClientKind: kind}}, contact: deaf{}}
			if err := p.seen(ctx, workload.Step{Verb: workload.Invited}); err == nil || err.Error() != want {
				t.Errorf("%s: %v", kind, err)
			}
		}
	})
}
