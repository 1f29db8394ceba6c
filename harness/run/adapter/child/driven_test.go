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

// A step that its user has given up is not in the way of the next, whenever its answer
// comes; one that has run out of time is.
func TestAStepThatIsGivenUp(t *testing.T) {
	for cause, next := range map[error]string{adapter.ErrEnough: "", errors.New("not done after 1m0s"): "id 1 is still without an answer"} {
		d := newDriven(&File{}, adapter.Setup{}).(*driven)
		d.stdin, d.hello = deaf{}, &message{}
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		if err := d.ask(ctx, request{Type: "call"}); !errors.Is(err, cause) {
			t.Errorf("%v: told %v", cause, err)
		}
		answer, err := d.send(request{Type: "sign out"})
		if next != "" {
			if err == nil || err.Error() != next {
				t.Errorf("%v: then told %v", cause, err)
			}
			continue
		}
		for _, id := range []int{1, 2} {
			if err := d.take(message{Type: "done", ID: id}); err != nil {
				t.Errorf("%v: done for id %d: %v", cause, id, err)
			}
		}
		if err != nil || <-answer != nil || d.take(message{Type: "done", ID: 1}) == nil {
			t.Errorf("%v: then told %v", cause, err)
		}
	}
}

// Who answers and ends then has answered.
func TestAnAnswerCountsBeforeAnEnd(t *testing.T) {
	for range 50 { // either case of a select may be taken
		d := newDriven(&File{}, adapter.Setup{}).(*driven)
		d.hello, d.stdin = &message{}, answering(func() {
			if err := d.answered(1, nil); err != nil {
				t.Error(err)
			}
			d.giveUp(adapter.ErrEnded)
		})
		if err := d.ask(t.Context(), request{Type: "sign out"}); err != nil {
			t.Fatal(err)
		}
	}
}

// answering is the stdin of a client that acts on what it is told at once.
type answering func()

func (a answering) Write(p []byte) (int, error) { a(); return len(p), nil }
func (answering) Close() error                  { return nil }
