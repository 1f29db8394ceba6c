package rig

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
	"gauntlet/harness/run/catalogue"
	"gauntlet/harness/run/workload"
	"gauntlet/proxies"
	"gauntlet/proxies/http1"
)

// checkStep is what a step of the self-check may take.
const checkStep = 30 * time.Second

// afterRefusal is how long a client may take to get on after its login was
// refused, as one that tries another way does.
const afterRefusal = 5 * time.Second

var errRefused = errors.New("its login was refused, and it does not get on")

// Check is what a self-check has shown.
type Check struct {
	Pace   time.Duration // the client's pause between polls; 0: not measured
	Failed string        // what went wrong at the gateway; empty if nothing did
	Log    []byte        // what the client printed, and what it was refused
}

// SelfCheck has a program sign in once, undisturbed, through a proxy on its way,
// before anything is scored. The error is a set-up that cannot be judged, with
// the remedy; a client that gets through to the gateway and fails there is none.
// The case has an id that no client can know: one
// that refuses cases by their ids, with status 89, refuses this one, and is
// asked again as the case known.
func SelfCheck(ctx context.Context, o Options, known string) (Check, error) {
	o.Step, o.hurried = checkStep, true
	run := firstRun(func(c catalogue.Case) Run { return Perform(ctx, c, o) }, known)
	if run.Refused != nil {
		return Check{Log: run.Log}, fmt.Errorf("the client refuses a plain sign-in: %w", run.Refused)
	}
	if err := errors.Join(run.Broken, run.Unready); err != nil {
		return Check{Log: run.Log}, err
	}
	t := trace.New(run.Events, facts(run))
	return Check{oracle.Pace(t), failure(run.Events), run.Log}, diagnose(run, t)
}

// firstRun is the first that says something of the client: one that was not ready while the
// machine was slow is asked once more, and one that refuses an id which nobody can know, as known.
func firstRun(perform func(catalogue.Case) Run, known string) Run {
	unknown := checkCase("self-check-" + rand.Text())
	run := perform(unknown)
	if run.Unready != nil && len(stalls(run.Events)) > 0 {
		run = perform(unknown)
	}
	if run.Refused != nil {
		run = perform(checkCase(known))
	}
	return run
}

// endRefused ends a run whose client's login was refused, unless it gets on soon:
// most clients only wait then.
func endRefused(end context.CancelCauseFunc) func(history.Event) {
	var mu sync.Mutex
	var due *time.Timer
	return func(e history.Event) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case slices.Contains(ofLogin, e.Kind) && due == nil:
			due = time.AfterFunc(afterRefusal, func() { end(errRefused) })
		case (e.Kind == history.SignedIn || e.Kind == history.RunEnded) && due != nil:
			due.Stop()
			due = nil
		}
	}
}

// checkCase is a sign-in through a faithful proxy.
func checkCase(id string) catalogue.Case {
	return catalogue.Case{
		ID: id, Title: "self-check", Dialect: catalogue.DefaultDialect, Think: catalogue.DefaultThink,
		Chain:    proxies.Chain{{Kind: proxies.Forward, Port: 8080}},
		Workload: workload.Script{{Verb: workload.SignIn}, {Verb: workload.Stay, For: 7 * time.Second}},
		Proves:   []requirement.ID{"command.carried-out"},
	}
}

// diagnose tells a set-up that is wrong from a client that fails; nil for both
// a client that is well and one that fails at the gateway.
func diagnose(run Run, t *trace.Trace) error {
	failed := failure(run.Events)
	if failed == "" {
		return nil
	}
	for _, wrong := range []func(Run, *trace.Trace) string{untrusted, refusedLogin, unresolved, elsewhere, silent, wrongHost, unserved} {
		if what := wrong(run, t); what != "" {
			if strings.Contains(what, failed) {
				return errors.New(what)
			}
			return fmt.Errorf("%s (%s)", what, failed)
		}
	}
	return nil
}

// failure is what went wrong first; empty if nothing did. The status with which a program
// ends that was told to quit says nothing of the set-up.
func failure(events []history.Event) string {
	for _, ev := range events {
		step := ev.Kind == history.StepFailed && !strings.HasPrefix(ev.Text, history.Quitting)
		if step || ev.Kind.EndsClient() {
			return ev.Text
		}
	}
	return ""
}

// These find in a self-check that failed what is wrong with the set-up; empty if
// it is something else. Each says the remedy.

var (
	ofTrust = regexp.MustCompile(`^remote error: tls: .*(certificate|certificate authority)`)
	ofNames = regexp.MustCompile(`(?i)getaddrinfo|name or service not known|no such host|could not resolve|enotfound|eai_again|name resolution|nodename nor servname`)
)

// untrusted is a certificate of ours to which the client answered with an alert.
// What clients print of certificates they also print of those that they take.
func untrusted(run Run, _ *trace.Trace) string {
	for _, ev := range run.Events {
		if ev.Kind == history.HandshakeFailed && ofTrust.MatchString(ev.Text) {
			return "the client does not trust our CA, it says so by TLS (" + ev.Text + "): give it the file {{.CA}}"
		}
	}
	return ""
}

// ofLogin are the kinds of a login that was not granted.
var ofLogin = []history.Kind{history.LoginRefused, history.SignInRefused, history.HandshakeFailed}

func refusedLogin(run Run, _ *trace.Trace) string {
	return firstRefusal(run, "the client's login is refused: ", ofLogin)
}

// unserved is a name or a service of which nobody here knows.
func unserved(run Run, _ *trace.Trace) string {
	return firstRefusal(run, "the client is turned away: ", []history.Kind{history.NotServed})
}

func firstRefusal(run Run, words string, kinds []history.Kind) string {
	list := history.Refusals(slices.DeleteFunc(slices.Clone(run.Events), func(e history.Event) bool { return !slices.Contains(kinds, e.Kind) }))
	if len(list) == 0 {
		return ""
	}
	return words + list[0].String()
}

func unresolved(run Run, t *trace.Trace) string {
	if len(t.Connections) > 0 || !ofNames.Match(run.Log) {
		return ""
	}
	return "the client looks up a name that it cannot find: behind a proxy names are the proxy's affair, which is {{.Proxy}}"
}

// elsewhere is a dial past the proxy, where dials are seen, and none to it.
func elsewhere(run Run, t *trace.Trace) string {
	if len(t.Connections) > 0 {
		return ""
	}
	for _, ev := range run.Events {
		if ev.Kind == history.Dialled {
			return fmt.Sprintf("the client connects to %s and not to its proxy %s: give it {{.Proxy}}", ev.ID, proxyTold(run.Events))
		}
	}
	return ""
}

// silent is a client that never came to its proxy. How it ended is said first: that is the
// cause, or has the client's own words on it.
func silent(run Run, t *trace.Trace) string {
	if len(t.Connections) > 0 {
		return ""
	}
	ended := ""
	if i := slices.IndexFunc(run.Events, func(ev history.Event) bool { return ev.Kind == history.ClientGone }); i >= 0 {
		ended = "the client " + run.Events[i].Text + "; "
	}
	return fmt.Sprintf("%snothing came to the proxy %s: the client has to take it from {{.Proxy}} or, if it is driven, from connect", ended, proxyTold(run.Events))
}

// wrongHost is a proxy that was asked for somebody else.
func wrongHost(run Run, _ *trace.Trace) string {
	other := ""
	for _, x := range history.Exchanges(run.Events, 0) {
		target := http1.Target(x.Head)
		if target == "" {
			continue
		}
		asked, err := run.Options.Speaks.Reader.Request(target)
		if err == nil && asked.Authority == run.Options.Speaks.Gateway {
			return ""
		}
		other = target
	}
	if other == "" {
		return ""
	}
	return fmt.Sprintf("the proxy was asked for %s and not for the gateway %s: give the client {{.Gateway}}", other, run.Options.Speaks.Gateway)
}

func proxyTold(events []history.Event) string {
	for _, ev := range events {
		if ev.Kind == history.Configured {
			return ev.ID
		}
	}
	return ""
}
