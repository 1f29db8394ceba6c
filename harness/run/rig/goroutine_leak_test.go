package rig

import (
	"strings"
	"testing"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

const (
	ourStack  = "goroutine 7 [chan receive]:\ngauntlet/harness/run/rig.(*play).perform(0xc000)\n\t/src/play.go:30 +0x1\ncreated by gauntlet/proxies/wire.(*Hop).Listen in goroutine 1\n\t/src/hop.go:9"
	theClient = "goroutine 9 [IO wait]:\ninternal/poll.runtime_pollWait(0x1)\n\t/go/poll.go:1\ngauntlet/harness/msn/client.(*User).poll(0xc001, 0x2)\n\t/src/user.go:8 +0x2\ncreated by gauntlet/harness/msn/client.NewUser in goroutine 7\n\t/src/user.go:3"
	spinning  = "goroutine 11 [runnable]:\ngauntlet/harness/mutants.spin(...)\n\t/src/spin.go:4"
	theirs    = "goroutine 12 [sleep]:\ntime.Sleep(0x1)\n\t/go/sleep.go:1\nexample.org/messenger/msn.(*Session).loop(0xc002)\n\t/x/session.go:5"
)

func TestWhoseStack(t *testing.T) {
	for _, test := range []struct {
		name, stacks, want string
	}{
		{"nobody's", "", ""},
		{"ours", ourStack, ""},
		{"the client's", ourStack + "\n\n" + theClient, "gauntlet/harness/msn/client.(*User).poll"},
		{"of several, the one that runs", theClient + "\n\n" + spinning, "gauntlet/harness/mutants.spin"},
		{"of several that wait, the first", theClient + "\n\n" + strings.Replace(spinning, "runnable", "select", 1), "gauntlet/harness/msn/client.(*User).poll"},
		{"of one that panicked, ours", "panic: boom\n\n" + strings.Replace(ourStack, "chan receive", "running", 1) + "\n\n" + theClient, ""},
		{"of one that panicked, the client's", "panic: boom\n[signal SIGSEGV]\n\n" + theClient + "\n\n" + ourStack, "gauntlet/harness/msn/client.(*User).poll"},
		{"of one that had too little stack", "fatal error: stack overflow\n\nruntime stack:\nruntime.throw()\n\t/go/p.go:1\n\n" + spinning + "\n\n" + theClient, "gauntlet/harness/mutants.spin"},
		{"of a deadlock, all", "fatal error: all goroutines are asleep - deadlock!\n\n" + ourStack + "\n\n" + theClient, "gauntlet/harness/msn/client.(*User).poll"},
		{"one that it has begun", "goroutine 3 [select]:\nnet.x()\n\t/go/x.go:1\ncreated by gauntlet/harness/msn/session.New in goroutine 2\n\t/src/s.go:1", "gauntlet/harness/msn/session.New"},
	} {
		if got := where(test.stacks); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestClientsFromOutside(t *testing.T) {
	const own = "goroutine 1 [select]:\nclient/msn.Dial()\n\t/x/dial.go:1"
	for _, test := range []struct {
		name, stacks, main, want string
	}{
		{"our own", ourStack + "\n\n" + theClient, "gauntlet", ""},
		{"a library that our boxes use", "goroutine 1 [select]:\ngithub.com/elazarl/goproxy.copy()\n\t/x.go:1", "gauntlet", ""},
		{"a module with a host in its path", ourStack + "\n\n" + theirs, "", "example.org/messenger/msn.(*Session).loop"},
		{"Go's own", "goroutine 1 [select]:\nnet/http.(*Transport).dial()\n\t/go/t.go:1", "gauntlet", ""},
		{"the module whose tests run", own, "client", "client/msn.Dial"},
		{"another with such a name", own, "cli", ""},
		{"its tests", "goroutine 1 [select]:\nclient_test.Run()\n\t/x.go:1", "client", "client_test.Run"},
	} {
		if got := foreign(test.stacks, test.main); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestStacksOfTheLastBubble(t *testing.T) {
	in := func(n, text string) string {
		return "goroutine " + n + " [chan receive, synctest bubble " + text
	}
	got := ofLastBubble("deadlock: all goroutines are blocked\n" + in("1", "3]:\na()") + "\n\n" + in("2", "12]:\nb()") + "\n\ngoroutine 4 [running]:\nmain()\n\n" + in("3", "12]:\nc()") + "\n\n" + in("5", "4]:\nd()"))
	if want := "deadlock: all goroutines are blocked\n\n" + in("2", "12]:\nb()") + "\n\n" + in("3", "12]:\nc()"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestLastWords(t *testing.T) {
	for words, want := range map[string]string{
		"":                                   "it said nothing",
		" \n":                                "it said nothing",
		"killed\nby somebody":                "killed",
		"log\npanic: no\n\n" + ourStack:      "panic: no",
		"log\nfatal error: x\n\n" + spinning: "fatal error: x, in gauntlet/harness/mutants.spin",
	} {
		if got := lastWord(words); got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
}

func TestBlame(t *testing.T) {
	leaves := requirement.ID("client.leaves-nothing")
	for _, test := range []struct {
		name   string
		before Result
		blame  func(*Outcome)
		status oracle.Status
		reason string
		last   requirement.ID // the verdict that was added; empty: none was
	}{
		{"a crash of the client", with(survives, oracle.Pass), func(o *Outcome) { o.fail("the process died", "panic: no", theClient) }, oracle.Fail, "the process died: panic: no", carriedOut},
		{"a crash of ours", with(survives, oracle.Pass), func(o *Outcome) { o.fail("the process died", "panic: no", ourStack) }, oracle.Broken, "the process died: goroutine 7 [chan receive]:", ""},
		{"a leak", with(survives, oracle.Pass), func(o *Outcome) { o.leak("client.Poll", theClient) }, oracle.Fail, "something was left behind when the client was closed: client.Poll", leaves},
		{"a leak after a failure adds to it", with(survives, oracle.Fail), func(o *Outcome) { o.leak("client.Poll", theClient) }, oracle.Fail, "connection.session-survives: of its own", leaves},
		{"a crash takes the place of a verdict that saw nothing", with(carriedOut, oracle.Pass), func(o *Outcome) { o.fail("the process died", "panic: no", theClient) }, oracle.Fail, "the process died: panic: no", carriedOut},
		{"a failure that the history shows stands", with(carriedOut, oracle.Fail), func(o *Outcome) { o.fail("the process died", "panic: no", theClient) }, oracle.Fail, "command.carried-out: of its own", carriedOut},
		{"what is broken stays so", Result{Status: oracle.Broken, Reason: "no listener"}, func(o *Outcome) { o.leak("client.Poll", theClient) }, oracle.Broken, "no listener", ""},
	} {
		o := Outcome{Result: test.before}
		before := len(o.Result.Verdicts)
		test.blame(&o)
		if o.Result.Status != test.status || o.Result.Reason != test.reason {
			t.Errorf("%s: %s: %s", test.name, o.Result.Status, o.Result.Reason)
		}
		if test.last == "" {
			if len(o.Result.Verdicts) != before {
				t.Errorf("%s: verdicts %+v", test.name, o.Result.Verdicts)
			}
		} else if v := o.Result.Verdicts[len(o.Result.Verdicts)-1]; v.Requirement != test.last || v.Status != oracle.Fail || o.Result.verdict(test.last).Status != oracle.Fail {
			t.Errorf("%s: verdicts %+v", test.name, o.Result.Verdicts)
		}
	}
}
