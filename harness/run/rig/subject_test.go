package rig

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
	msn "gauntlet/harness/msn/servers"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies/simnet"
)

// odd is a client that does and ends as it is told.
type oddClient struct {
	do    func(context.Context, adapter.Task) error
	close func()
}

func (c oddClient) Do(ctx context.Context, t adapter.Task) error { return c.do(ctx, t) }

func (c oddClient) Close() {
	if c.close != nil {
		c.close()
	}
}

// program is such a client that can be stopped from outside.
type program struct{ oddClient }

func (program) Suspend() (resume func(), err error) { return func() {}, nil }

// tested is a subject with that client, which has made no connection.
func tested(c adapter.Client, end context.CancelCauseFunc) *subject {
	s := newSubject(&env{o: Options{Speaks: msn.MSN()}, recorder: history.NewRecorder(history.Budget{Events: 100, PerSecond: 10}, func() {})}, end)
	s.client, s.connections = c, newConnectionTracker(nil)
	return s
}

// noted are the events of a subject's recorder, each in a line.
func noted(s *subject) []string {
	var lines []string
	for _, e := range s.recorder.Events() {
		first, _, _ := strings.Cut(e.Text, "\n")
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s", e.Kind, first)))
	}
	return lines
}

func TestWhatAClientMakesOfAStep(t *testing.T) {
	forGood := make(chan struct{})
	for _, test := range []struct {
		name   string
		client adapter.Client
		err    string
		events []string
	}{
		{"it does it", oddClient{do: func(context.Context, adapter.Task) error { return nil }}, "", []string{"client closed"}},
		{"it fails", oddClient{do: func(context.Context, adapter.Task) error { return errors.New("no") }}, "no", []string{"client closed"}},
		{"it panics", oddClient{do: func(context.Context, adapter.Task) error { panic("oh") }}, "the client panicked: oh", []string{"crashed oh", "client closed"}},
		{"it gives up in time", oddClient{do: func(ctx context.Context, _ adapter.Task) error {
			<-ctx.Done()
			time.Sleep(patience - time.Second)
			return errors.New("given up")
		}}, "given up", []string{"client closed"}},
		{"it returns only when it is closed", oddClient{do: func(context.Context, adapter.Task) error {
			time.Sleep(time.Minute + patience + time.Second)
			return nil
		}}, "too long, and it does not return", []string{"client closed"}},
		{"it does not return", oddClient{do: func(context.Context, adapter.Task) error { <-forGood; return nil }}, "too long, and it does not return",
			[]string{"step failed close: the client is closed, and the step still does not return"}},
		{"it does not end", oddClient{do: func(context.Context, adapter.Task) error { return nil }, close: func() { <-forGood }}, "",
			[]string{"step failed close: the client did not end within 30s"}},
		{"a program that ends, and what it left is looked for", program{oddClient{do: func(context.Context, adapter.Task) error { return nil }, close: func() { time.Sleep(sweeping - time.Second) }}}, "",
			[]string{"client closed"}},
		{"a program that nothing ends", program{oddClient{do: func(context.Context, adapter.Task) error { return nil }, close: func() { <-forGood }}}, "",
			[]string{"step failed close: the client did not end within 5m0s"}},
		{"it panics in the end", oddClient{do: func(context.Context, adapter.Task) error { return nil }, close: func() { panic("oh") }}, "",
			[]string{"crashed oh", "step failed close: the client panicked: oh"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			forGood = make(chan struct{})
			s := tested(test.client, nil)
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("too long"))
			err := s.do(ctx, adapter.Task{Step: workload.Step{Verb: workload.SignIn}})
			cancel()
			if got := fmt.Sprint(err); got != test.err && (err != nil || test.err != "") {
				t.Errorf("%s: %s, want %s", test.name, got, test.err)
			}
			s.close()
			if got := noted(s); !slices.Equal(got, test.events) {
				t.Errorf("%s: %q, want %q", test.name, got, test.events)
			}
			close(forGood)
		})
	}
}

func TestClientsThatAreGone(t *testing.T) {
	for _, test := range []struct {
		name   string
		before []history.Event
		why    error
		noted  string // the last event
		ends   bool   // the run
		asked  bool   // the case was put to the client
	}{
		{"in mid session", began("sign in"), adapter.ErrEnded, "client gone", true, true},
		{"after it was thrown out", began("sign in", "signed in elsewhere"), adapter.ErrEnded, "quit", false, true},
		{"after it signed out", began("sign in", "sign out"), adapter.ErrEnded, "quit", false, true},
		{"after it signed in once more", began("sign in", "sign out", "sign in"), adapter.ErrEnded, "client gone", true, true},
		{"by a signal after it signed out", began("sign in", "sign out"), errors.New("signal 9"), "client gone", true, true},
		{"by a crash after it signed out", began("sign in", "sign out"), fmt.Errorf("%w: signal 11", adapter.ErrCrashed), "client gone", true, true},
		{"since it does not know the case", began("sign in"), fmt.Errorf("status 89: %w", adapter.ErrUnsupported), "step began", true, false},
	} {
		var ended error
		s := tested(nil, func(why error) { ended = why })
		for _, e := range test.before {
			s.recorder.Record(e)
		}
		s.gone(test.why)
		refused, unready := s.unasked()
		events := s.recorder.Events()
		if last := string(events[len(events)-1].Kind); last != test.noted || errors.Is(ended, errGone) != test.ends || (refused == nil) != test.asked || unready != nil {
			t.Errorf("%s: %s, ends with %v, refused %v", test.name, last, ended, refused)
		}
	}
}

func TestWordsOfAClient(t *testing.T) {
	s := tested(nil, nil)
	s.hear(history.Event{Kind: history.Delivered, Text: "hi"})
	if s.shown.count() != 1 || s.complaint.madeBefore(time.Now().Add(time.Hour)) {
		t.Error("a message that is shown is counted, and no complaint")
	}
	s.hear(history.Event{Kind: history.Failed, Text: "no"})
	if s.shown.count() != 1 || !s.complaint.madeBefore(time.Now().Add(time.Hour)) || s.complaint.madeBefore(time.Now().Add(-time.Hour)) {
		t.Error("an error that is shown is a complaint of its time")
	}
	s.complaint.forget()
	if s.complaint.madeBefore(time.Now().Add(time.Hour)) {
		t.Error("a complaint is forgotten before the next step")
	}
	for _, e := range s.recorder.Events() {
		if e.From != history.AtClient || e.User != UserEmail {
			t.Errorf("%+v", e)
		}
	}
	first, second := fmt.Errorf("1: %w", adapter.ErrUnsupported), fmt.Errorf("2: %w", adapter.ErrUnsupported)
	s.notReady(errors.New("no"))
	if s.refuses(errors.New("no")) || !s.refuses(first) || !s.refuses(second) {
		t.Error("only the word that a case is not supported refuses it")
	}
	s.notReady(fmt.Errorf("3: %w", adapter.ErrNotReady))
	if refused, unready := s.unasked(); !errors.Is(refused, first) || !errors.Is(unready, adapter.ErrNotReady) {
		t.Errorf("refused %v, not ready %v", refused, unready)
	}
	s.keepLog([]byte("hello"))
	if string(s.printed()) != "hello" {
		t.Errorf("printed %q", s.printed())
	}
}

func TestConnectionsLeftOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := simnet.New(simnet.Options{})
		l, err := n.Host("10.0.0.1").Listen(":80")
		if err != nil {
			t.Fatal(err)
		}
		tracker := newConnectionTracker(n.Host("10.0.0.2"))
		for i := range 3 {
			conn, err := tracker.DialContext(t.Context(), "tcp", "10.0.0.1:80")
			if err != nil {
				t.Fatal(err)
			}
			if i == 1 {
				_ = conn.Close()
				_ = conn.Close() // as clients do
			}
		}
		if _, err := tracker.DialContext(t.Context(), "tcp", "10.0.0.1:81"); err == nil {
			t.Error("nobody listens there")
		}
		var got []string
		tracker.settle(func(e history.Event) { got = append(got, fmt.Sprint(e.Kind, " ", e.Given, " ", e.ID)) })
		if want := []string{"left open 1 10.0.0.1:80", "left open 3 10.0.0.1:80", "client closed 3 "}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		_ = l.Close()
		_ = n.Close()
	})
}

func TestCounter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter()
		reached := make(chan error, 1)
		go func() { reached <- c.wait(t.Context(), 2) }()
		c.add()
		synctest.Wait()
		if len(reached) > 0 {
			t.Error("one is not two")
		}
		c.add()
		synctest.Wait()
		if len(reached) != 1 || <-reached != nil {
			t.Error("two are not noticed")
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errGone)
		if err := c.wait(ctx, 3); !errors.Is(err, errGone) {
			t.Errorf("a wait that ends early: %v", err)
		}
		if err := c.wait(ctx, 2); err != nil {
			t.Errorf("what is there already: %v", err)
		}
	})
}

// began are the beginnings of steps.
func began(texts ...string) (events []history.Event) {
	for _, text := range texts {
		events = append(events, history.Event{Kind: history.StepBegan, Text: text})
	}
	return events
}

// How a program ends when it is told to counts while it has a session.
func TestWhoEndsBadlyWhenTold(t *testing.T) {
	status, crash := fmt.Errorf("status 1: %w", adapter.ErrEnded), fmt.Errorf("%w: signal 11", adapter.ErrCrashed)
	in := append(began("sign in"), history.Event{Kind: history.StepDone, Text: "sign in"})
	for _, test := range []struct {
		name   string
		before []history.Event
		why    error
		noted  string
	}{
		{"in its session", in, status, "step failed quit: status 1: ended by itself"},
		{"without one", began("sign in"), status, "step began sign in"},
		{"after it signed out", slices.Concat(in, began("sign out")), status, "step began sign out"},
		{"after it was thrown out", slices.Concat(in, began("signed in elsewhere")), status, "step began signed in elsewhere"},
		{"by a crash after it signed out", slices.Concat(in, began("sign out")), crash, "step failed close: crashed: signal 11"},
		{"without a word", slices.Concat(in, began("sign out")), errors.New("it left behind sh"), "step failed close: it left behind sh"},
	} {
		s := tested(nil, func(error) {})
		for _, e := range test.before {
			s.recorder.Record(e)
		}
		s.closedWith(test.why)
		events := s.recorder.Events()
		if last := events[len(events)-1]; string(last.Kind)+" "+last.Text != test.noted {
			t.Errorf("%s: %s %s", test.name, last.Kind, last.Text)
		}
	}
}
