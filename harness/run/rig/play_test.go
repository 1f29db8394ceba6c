package rig

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/protocol"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// deaf is a contact whom nobody answers, and who can call but once.
type deaf struct{ protocol.Contact }

func (deaf) WaitJoined(ctx context.Context, _ string) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

func (deaf) Invite(context.Context, string) error { return errors.New("invite: alice is signed out") }

func TestWhyNobodyCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for kind, want := range map[adapter.Kind]string{
			adapter.BlackBox: "the contact saw nobody come: invite: alice is signed out",
			adapter.Driven:   "the contact saw nobody come: not done after 1m0s",
		} {
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("not done after 1m0s"))
			defer cancel()
			p := &play{env: &env{o: Options{ClientKind: kind, Mode: Virtual}}, contact: deaf{}}
			if err := p.seen(ctx, workload.Step{Verb: workload.Invited}); err == nil || err.Error() != want {
				t.Errorf("%s: %v", kind, err)
			}
		}
	})
}

// Who cannot be called is not called for a minute where time is real; who may not
// have got the call, or is on the way, is.
func TestWhoIgnoresACall(t *testing.T) {
	for _, test := range []struct {
		name    string
		mode    Mode
		faults  int
		events  []history.Kind
		ignores bool
	}{
		{"it asks on", Loopback, 0, slices.Repeat([]history.Kind{history.Processed}, plainlyCalled), true},
		{"it has hardly asked", Loopback, 0, []history.Kind{history.Processed}, false},
		{"it comes", Loopback, 0, append(slices.Repeat([]history.Kind{history.Processed}, plainlyCalled), history.SessionOpened), false},
		{"something is in its way", Loopback, 1, slices.Repeat([]history.Kind{history.Processed}, plainlyCalled), false},
		{"time is virtual", Virtual, 0, slices.Repeat([]history.Kind{history.Processed}, plainlyCalled), false},
	} {
		p := &play{env: &env{o: Options{ClientKind: adapter.BlackBox, Mode: test.mode}, c: catalogue.Case{Faults: make([]fault.Fault, test.faults)}}}
		p.recorder = history.NewRecorder(history.Budget{}, nil)
		p.recorder.Record(history.Event{From: history.AtGateway, Kind: history.Processed})
		called := time.Now()
		for _, kind := range test.events {
			p.recorder.Record(history.Event{From: history.AtGateway, Kind: kind})
		}
		if err := p.ignored(called); (err != nil) != test.ignores {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// A sign-in that cannot succeed has to be told to the user in its time, whether
// the client gives up or not.
func TestExpectedFailures(t *testing.T) {
	complain := func(s *subject) { s.hear(history.Event{Kind: history.Failed, Text: "no"}) }
	sleep := func(ctx context.Context, d time.Duration) {
		select {
		case <-time.After(d):
		case <-ctx.Done():
		}
	}
	for _, test := range []struct {
		name string
		do   func(ctx context.Context, s *subject) error
		want string
	}{
		{"it gives up", func(context.Context, *subject) error { return errors.New("no") }, ""},
		{"it gives up and ends", func(_ context.Context, s *subject) error {
			why := fmt.Errorf("%w, status 1", adapter.ErrEnded)
			s.gone(why)
			return why
		}, ""},
		{"it is killed", func(_ context.Context, s *subject) error {
			why := errors.New("was ended, and not by us: signal: killed")
			s.gone(why)
			return why
		}, "was ended, and not by us: signal: killed"},
		{"it says that it has signed in", func(context.Context, *subject) error { return nil }, "the client says that it could sign in, and it cannot have"},
		{"it tells its user, and goes on", func(ctx context.Context, s *subject) error {
			sleep(ctx, 50*time.Second)
			complain(s)
			<-ctx.Done()
			return ctx.Err()
		}, ""},
		{"it goes on without a word", func(ctx context.Context, _ *subject) error { <-ctx.Done(); return ctx.Err() }, "in 1m0s the client has not told its user that it does not get on"},
		{"the run is over before that", func(ctx context.Context, s *subject) error {
			s.end(errors.New("interrupted"))
			<-ctx.Done()
			return context.Cause(ctx)
		}, "interrupted"},
		{"it tells its user too late", func(ctx context.Context, s *subject) error {
			<-ctx.Done()
			time.Sleep(time.Second)
			complain(s)
			return ctx.Err()
		}, "in 1m0s the client has not told its user that it does not get on"},
		{"it was not ready in time", func(ctx context.Context, _ *subject) error { <-ctx.Done(); return adapter.ErrNotReady }, adapter.ErrNotReady.Error()},
		{"it was not ready", func(context.Context, *subject) error { return adapter.ErrNotReady }, adapter.ErrNotReady.Error()},
		{"it does not return", func(_ context.Context, s *subject) error { complain(s); time.Sleep(time.Hour); return nil }, "the user has waited long enough, and it does not return"},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, end := context.WithCancelCause(t.Context())
			defer end(nil)
			s := tested(nil, end)
			complain(s) // of a step before: it does not count
			s.client = oddClient{do: func(ctx context.Context, _ adapter.Task) error { return test.do(ctx, s) }}
			p := &play{env: s.env, subject: s}
			err := p.expectFailure(ctx, workload.Step{Verb: workload.Vain, For: time.Minute}, workload.SignIn)
			if (err == nil) != (test.want == "") || err != nil && err.Error() != test.want {
				t.Errorf("%s: %v, want %q", test.name, err, test.want)
			}
			time.Sleep(2 * time.Hour) // until the last has returned
		})
	}
}

// chatty is a contact that says everything, and comes at the call that is its
// turn.
type chatty struct {
	protocol.Contact
	said  []string
	calls int
	comes int // with which call
	lost  error
}

func (c *chatty) Send(text string) error {
	c.said = append(c.said, text)
	return c.lost
}

func (c *chatty) Invite(context.Context, string) error { c.calls++; return nil }

func (c *chatty) SignIn(context.Context) error { return nil }

func (c *chatty) WaitJoined(ctx context.Context, _ string) error {
	if c.calls >= c.comes {
		return nil
	}
	<-ctx.Done()
	return context.Cause(ctx)
}

// A user who does not come to a client that only connects is called once more.
func TestCallsAreRepeated(t *testing.T) {
	for kind, want := range map[adapter.Kind]int{adapter.BlackBox: 3, adapter.Driven: 1} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			c := &chatty{comes: 3, calls: 1}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			p := &play{env: &env{o: Options{ClientKind: kind, Mode: Virtual}}, contact: c}
			err := p.come(ctx, workload.Step{Verb: workload.Invited})
			if c.calls != want || (err == nil) != (kind == adapter.BlackBox) {
				t.Errorf("%s: %d calls, %v", kind, c.calls, err)
			}
			if took := time.Since(began); kind == adapter.BlackBox && took != 2*callAgain {
				t.Errorf("called again after %s", took)
			}
		})
	}
}

func TestWhatTheContactSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tested(nil, nil)
		c := &chatty{}
		p := &play{env: s.env, subject: s, contact: c, sent: map[string]int{}}
		s.shown.add() // of a step before
		go func() { time.Sleep(time.Second); s.shown.add(); s.shown.add() }()
		if err := p.letHear(t.Context(), workload.Step{Verb: workload.Hear, Count: 2}); err != nil {
			t.Errorf("all of it is shown: %v", err)
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("too long"))
		defer cancel()
		go func() { time.Sleep(time.Second); s.shown.add() }()
		if err := p.letHear(ctx, workload.Step{Verb: workload.Hear, Count: 2}); err == nil || err.Error() != "of 2 messages the user was shown 1: too long" {
			t.Errorf("one is not shown: %v", err)
		}
		if err := p.letSay(workload.Step{Verb: workload.Said, Count: 1}); err != nil {
			t.Error(err)
		}
		if want := []string{"message 1 from bob", "message 2 from bob", "message 3 from bob", "message 4 from bob", "message 5 from bob"}; !slices.Equal(c.said, want) {
			t.Errorf("%q, want %q", c.said, want)
		}
		c.lost = errors.New("alice is not here")
		if err := p.letSay(workload.Step{Verb: workload.Said, Count: 1}); err == nil || err.Error() != "the contact could not send: alice is not here" {
			t.Errorf("what cannot be said: %v", err)
		}
	})
}

// Whoever answers the order to send with an error has told its user of each message;
// whoever was not done in time has not.
func TestWhatIsRefusedIsTold(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		told []string
	}{
		"sent":        {nil, nil},
		"refused":     {errors.New("no chat"), []string{"no chat: message 1 from alice", "no chat: message 2 from alice"}},
		"not in time": {context.DeadlineExceeded, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := tested(oddClient{do: func(ctx context.Context, _ adapter.Task) error {
				if test.err == context.DeadlineExceeded {
					<-ctx.Done()
				}
				return test.err
			}}, nil)
			p := &play{env: s.env, subject: s, sent: map[string]int{}}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if err := p.ask(ctx, workload.Step{Verb: workload.Send, Count: 2}); !errors.Is(err, test.err) {
				t.Errorf("%s: %v", name, err)
			}
			var told []string
			for _, e := range s.recorder.Events() {
				if e.Kind == history.Failed {
					told = append(told, e.Text)
				}
			}
			if !slices.Equal(told, test.told) {
				t.Errorf("%s: told %q", name, told)
			}
		})
	}
}

// The events of the steps, where the second of three goes wrong.
func TestPlaysThatGoWrong(t *testing.T) {
	script := workload.Script{{Verb: workload.SignIn}, {Verb: workload.Leave}, {Verb: workload.Stay, For: time.Second}, {Verb: workload.SignOut}}
	said := func(steps ...string) []string { return append(steps, "client closed") }
	for _, test := range []struct {
		name   string
		fails  workload.Verb
		err    error
		events []string
	}{
		{"nothing", "", nil, said("step began sign in", "step done sign in", "step began leave chat", "step done leave chat", "step began stay 1s", "step done stay 1s", "step began sign out", "step done sign out")},
		{"a step", workload.Leave, errors.New("no"), said("step began sign in", "step done sign in", "step began leave chat", "step failed leave chat: no", "step began stay 1s", "step done stay 1s", "step began sign out", "step done sign out")},
		{"the sign-in", workload.SignIn, errors.New("no"), said("step began sign in", "step failed sign in: no")},
		{"the client does not know the case", workload.Leave, adapter.ErrUnsupported, said("step began sign in", "step done sign in", "step began leave chat")},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := tested(nil, nil)
			s.c.Workload = script
			s.client = oddClient{do: func(_ context.Context, task adapter.Task) error {
				if task.Step.Verb == test.fails {
					return test.err
				}
				return nil
			}}
			servers := newServers(s.env)
			servers.visible.add()
			p := &play{env: s.env, subject: s, servers: servers, extras: &extraClients{env: s.env}, contact: &chatty{}, began: func() {}, sent: map[string]int{}}
			if err := p.perform(t.Context()); err != nil {
				t.Error(err)
			}
			if got := noted(s); !slices.Equal(got, test.events) {
				t.Errorf("%s: %q, want %q", test.name, got, test.events)
			}
		})
	}
}

// A program that ends in a step that was in vain has done it, and is asked for no more.
func TestWhoHasGoneIsAskedForNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancelCause(t.Context())
		s := tested(nil, end)
		s.c.Workload = workload.Script{{Verb: workload.Vain, For: time.Minute}, {Verb: workload.SignIn}}
		s.client = oddClient{do: func(context.Context, adapter.Task) error {
			s.gone(adapter.ErrEnded)
			return adapter.ErrEnded
		}}
		p := &play{env: s.env, subject: s, servers: newServers(s.env), extras: &extraClients{env: s.env}, contact: &chatty{}, began: func() {}}
		if err := p.perform(ctx); err != nil {
			t.Error(err)
		}
		want := []string{"step began fail to sign in 1m0s", "client gone ended by itself", "step done fail to sign in 1m0s", "client closed"}
		if got := noted(s); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

func TestWhoIsStillAway(t *testing.T) {
	fired := history.Event{Kind: history.Fired, At: 10 * time.Second}
	answered := func(at time.Duration, status, hop int) history.Event {
		return history.Event{From: history.AtHop, Kind: history.AnswerDone, Hop: hop, Status: status, At: at}
	}
	for name, c := range map[string]struct {
		events []history.Event
		now    time.Duration
		want   bool
	}{
		"nothing struck":            {nil, time.Minute, false},
		"a moment ago":              {[]history.Event{fired}, 39 * time.Second, false},
		"half a minute ago":         {[]history.Event{fired}, 40 * time.Second, true},
		"two minutes ago":           {[]history.Event{fired}, 131 * time.Second, true},
		"it is certain":             {[]history.Event{fired}, 132 * time.Second, false},
		"it is back":                {[]history.Event{fired, answered(50*time.Second, 200, 0)}, time.Minute, false},
		"it was there before":       {[]history.Event{answered(9*time.Second, 200, 0), fired}, time.Minute, true},
		"a page in the place of it": {[]history.Event{fired, answered(50*time.Second, 502, 0)}, time.Minute, true},
		"answered further on":       {[]history.Event{fired, answered(50*time.Second, 200, 1)}, time.Minute, true},
		"and struck once more":      {[]history.Event{fired, answered(11*time.Second, 200, 0), {Kind: history.Fired, At: 12 * time.Second}}, time.Minute, true},
	} {
		if got := stillAway(c.events, c.now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A sign-in through a proxy that answers nobody is ended when it is certain that
// it comes to nothing, and no other.
func TestASignInThatIsHopeless(t *testing.T) {
	forward := proxies.Spec{Kind: proxies.Forward, Port: 8080}
	replaced, silent := forward, forward
	silent.Port = 8081
	replaced.Then = &forward
	signIn := workload.Step{Verb: workload.SignIn}
	for _, test := range []struct {
		name  string
		step  workload.Step
		chain proxies.Chain
		fault bool
		mode  Mode
		heard bool
		ended bool
	}{
		{"nothing gets through", signIn, proxies.Chain{forward}, false, Loopback, false, true},
		{"nobody answers", signIn, proxies.Chain{silent}, false, Loopback, false, false},
		{"it was heard", signIn, proxies.Chain{forward}, false, Loopback, true, false},
		{"something disturbs it", signIn, proxies.Chain{forward}, true, Loopback, false, false},
		{"another proxy comes in its place", signIn, proxies.Chain{replaced}, false, Netns, false, false},
		{"a portal that it does not know of", signIn, proxies.Chain{{Kind: proxies.Intercept}}, false, Netns, false, true},
		{"no box is there", signIn, nil, false, Netns, false, false},
		{"time costs nothing", signIn, proxies.Chain{forward}, false, Virtual, false, false},
		{"it is signed in", workload.Step{Verb: workload.OpenChat}, proxies.Chain{forward}, false, Loopback, false, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			e := &env{c: catalogue.Case{Chain: test.chain}, o: Options{Mode: test.mode}}
			if test.fault {
				e.c.Faults = make([]fault.Fault, 1)
			}
			e.recorder = history.NewRecorder(history.Budget{}, func() {})
			if len(test.chain) == 0 || test.chain[0].Port != silent.Port {
				e.recorder.Record(history.Event{From: history.AtHop, Kind: history.AnswerDone, Conn: 1, Exchange: 1})
			}
			p := &play{env: e, servers: newServers(e)}
			ctx, end := context.WithCancelCause(t.Context())
			p.watchSignIn(ctx, test.step, end)
			time.Sleep(unheard / 2)
			if test.heard {
				p.servers.heard.add()
			}
			time.Sleep(unheard)
			if (ctx.Err() != nil) != test.ended {
				t.Errorf("%s: %v", test.name, context.Cause(ctx))
			}
			end(nil)
		})
	}
}

// acting notes what the servers are asked to do.
type acting struct {
	protocol.Servers
	did string
}

func (a *acting) Forget()                  { a.did = "forget" }
func (a *acting) ForgetChats()             { a.did = "forget chats" }
func (a *acting) CloseChats()              { a.did = "close chats" }
func (a *acting) Maintain(d time.Duration) { a.did = "maintain " + d.String() }
func (a *acting) Restart(d time.Duration)  { a.did = "restart " + d.String() }
func (a *acting) Crowd(come bool)          { a.did = fmt.Sprint("crowd ", come) }

// What the servers do by themselves is asked of nobody else.
func TestWhatTheServersDo(t *testing.T) {
	for line, want := range map[string]string{
		"gateway forgets": "forget", "gateway forgets chats": "forget chats", "server closes chats": "close chats",
		"gateway under maintenance 5s": "maintain 5s", "gateway restarts 6s": "restart 6s",
		"contacts come": "crowd true", "contacts go": "crowd false", "sign in": "", "leave chat": "",
	} {
		step, err := workload.ParseStep(line)
		if err != nil {
			t.Fatal(err)
		}
		a := &acting{}
		p := &play{servers: &servers{running: a}}
		if done, err := p.atServers(t.Context(), step); done != (want != "") || err != nil || a.did != want {
			t.Errorf("%s: %v, %v, did %q", line, done, err, a.did)
		}
	}
}
