package child

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/adapter"
)

// The rig ends the step of a client that is of no use any more. Whichever of the
// two is noticed first, the client's own reason is what is told.
func TestReasonBeforeEndOfStep(t *testing.T) {
	reason := errors.New("it broke the protocol")
	for name, wait := range map[string]func(*driven, context.Context) error{
		"greeting": (*driven).greet,
		"step":     func(d *driven, ctx context.Context) error { return d.ask(ctx, request{Type: "leave"}) },
	} {
		t.Run(name, func(t *testing.T) {
			for range 50 { // either case of a select may be taken
				ctx, cancel := context.WithCancelCause(t.Context())
				d := newDriven(&File{}, adapter.Setup{Gone: func(err error) { cancel(errors.New("the client is gone")) }}).(*driven)
				d.stdin = deaf{}
				d.giveUp(reason)
				if err := wait(d, ctx); !errors.Is(err, reason) || errors.Is(err, adapter.ErrNotReady) {
					t.Fatalf("told %v", err)
				}
			}
		})
	}
}

// The rig hears that a client has gone before the step under way fails by it, and so
// tells the one as the cause of the other.
func TestGoneBeforeTheStepFails(t *testing.T) {
	told := 0
	var d *driven
	d = newDriven(&File{}, adapter.Setup{Gone: func(error) {
		told++
		select {
		case <-d.over:
			t.Error("the step fails before the rig has heard why")
		default:
		}
	}}).(*driven)
	d.giveUp(adapter.ErrEnded)
	d.giveUp(errors.New("something later"))
	<-d.over
	if told != 1 || !errors.Is(d.why(), adapter.ErrEnded) {
		t.Errorf("told %d times, of %v", told, d.why())
	}
}

// A step whose time is up just as its client goes waits until the rig has heard of that.
func TestAStepThatEndsAsItsClientGoes(t *testing.T) {
	for name, wait := range map[string]func(*driven, context.Context) error{
		"greeting": (*driven).greet,
		"step":     func(d *driven, ctx context.Context) error { return d.ask(ctx, request{Type: "leave"}) },
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, timeUp := context.WithCancel(t.Context())
			heard := false
			d := newDriven(&File{}, adapter.Setup{Gone: func(error) {
				timeUp()
				time.Sleep(time.Second)
				heard = true
			}}).(*driven)
			d.stdin = deaf{}
			go d.giveUp(adapter.ErrEnded)
			if err := wait(d, ctx); !errors.Is(err, adapter.ErrEnded) || !heard {
				t.Errorf("%s: %v, and the rig has heard: %t", name, err, heard)
			}
		})
	}
}

// Who is told to end may end at once; who had ended before it could be told is gone.
func TestWhoIsToldToEndIsNotGone(t *testing.T) {
	for name, untold := range map[string]error{"told": nil, "not told": errors.New("broken pipe")} {
		gone := false
		r := newRunner(adapter.Setup{Gone: func(error) { gone = true }}, nil)
		if err := r.leave(func() error { go r.giveUp(adapter.ErrEnded); return untold }); !errors.Is(err, untold) {
			t.Errorf("%s: %v", name, err)
		}
		if <-r.over; gone != (untold != nil) {
			t.Errorf("%s, and gone: %t", name, gone)
		}
	}
}

// deaf is a client's stdin that nobody reads.
type deaf struct{}

func (deaf) Write(p []byte) (int, error) { return len(p), nil }
func (deaf) Close() error                { return nil }

// A sender of whom nothing is said is not one without a name.
func TestASenderThatIsNotTold(t *testing.T) {
	for line, want := range map[string]string{
		`{"type":"received","from":"bob@example.com","text":"hi"}`: "bob@example.com",
		`{"type":"received","from":"","text":"hi"}`:                "",
		`{"type":"received","text":"hi"}`:                          untold,
		`{"type":"uncertain","text":"hi"}`:                         "",
	} {
		var got []history.Event
		d := newDriven(&File{}, adapter.Setup{Report: func(e history.Event) { got = append(got, e) }}).(*driven)
		d.hello = &message{}
		m, err := parse([]byte(line))
		if err == nil {
			err = d.take(m)
		}
		if err != nil || len(got) != 1 || got[0].ID != want || got[0].Text != "hi" {
			t.Errorf("%s: %v, %+v, not from %q", line, err, got, want)
		}
	}
}
