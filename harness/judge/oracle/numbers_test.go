package oracle_test

import (
	"slices"
	"testing"
	"time"

	"gauntlet/harness/judge/history"
	. "gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
)

// patient is a client that waits for an answer that a fault holds back, gives up
// and asks again.
func patient(wait time.Duration) *tale {
	t := start()
	query := "Action=poll&SessionID=" + t.on.id
	t.ask(query, "").hop(history.Event{Kind: history.Fired, Fault: "stall"}).wait(wait).closed("peer", "FIN")
	return t.connect(firstHost+":80").ask(query, "").answer(200, t.header(), "").idle(2)
}

// away is a client that loses a request and takes that long to go on with it.
func away(absent time.Duration) *tale {
	t := start()
	query := "Action=poll&SessionID=" + t.on.id
	t.ask(query, "").lost().wait(absent).connect(firstHost+":80").ask(query, "")
	return t.answer(200, t.header(), "").rig(history.RunEnded, "")
}

// tied is a tale on real sockets, where times are not exact.
func tied(t *tale) *tale {
	t.facts.Ties = 50 * time.Millisecond
	return t
}

// pages are so many requests that get a page, each so long after the one before.
func pages(query string, n int, pause time.Duration) *tale {
	t := start()
	for range n {
		t.ask(query, "").answer(502, "", "").wait(pause - 50*time.Millisecond)
	}
	return t
}

// wanted is a tale in which the script has these steps.
func wanted(t *tale, steps ...string) *tale {
	for _, s := range steps {
		t.step(s)
	}
	return t
}

// goes is a user who signs out without being asked to.
func goes(t *tale) *tale {
	return t.messenger(history.Event{Kind: history.SignedOut, User: user, Text: "OUT"})
}

// cutOff is a client whose attempts to connect come to nothing from some time on, the
// last one so long after it was last served.
func cutOff(last time.Duration) *tale {
	t := start()
	for ; last > 20*time.Second; last -= 20 * time.Second {
		t.turns(20 * time.Second)
	}
	return t.turns(last)
}

// outlasted is a client that loses a poll and is cut off for 80 s more; the gateway
// forgets the session so long after the loss, and the client opens another one so long
// after the way is open again.
func outlasted(forgets, opens time.Duration) *tale {
	t := start()
	t.ask("Action=poll&SessionID="+t.on.id, "").lost()
	lost, over := t.now, false
	for t.now < lost+80*time.Second {
		t.turns(10 * time.Second)
		if !over && t.now >= lost+forgets {
			t.gateway(history.Event{Kind: history.SessionEnded, Text: "idle"})
			over = true
		}
	}
	t.wait(opens)
	if !over {
		t.gateway(history.Event{Kind: history.SessionEnded, Text: "idle"})
	}
	t.connect(gatewayNamed+":80").open("NS").says(history.Reopened, "")
	return t.idle(10).over(3 * time.Minute)
}

// turns is an attempt to connect, after so long, that comes to nothing.
func (t *tale) turns(after time.Duration) *tale {
	return t.wait(after).dial(firstHost+":80", "refused")
}

// gaveUpWaiting is a client that waits for an answer which a fault holds back, and
// then does nothing.
func gaveUpWaiting(wait, rest time.Duration) *tale {
	t := start()
	t.ask("Action=poll&SessionID="+t.on.id, "").hop(history.Event{Kind: history.Fired, Fault: "stall"}).wait(wait).closed("peer", "FIN")
	return t.wait(rest).rig(history.RunEnded, "")
}

// ended is a program that ends by itself.
func ended(t *tale) *tale {
	return t.wait(time.Minute).rig(history.ClientGone, "ended by itself, status 0").over(time.Minute)
}

// slept is a client that is suspended for a minute, and polls so long after that.
func slept(after time.Duration) *tale {
	t := start().idle(1).step("suspend 60s").wait(time.Minute)
	return t.rig(history.StepDone, "suspend 60s").wait(after).poll("").rig(history.RunEnded, "")
}

// idles is a client that tells its user that it gave up, and does not what it is asked to.
func idles(t *tale) *tale {
	return t.says(history.Failed, "").wait(time.Minute).rig(history.StepFailed, "send 1 message: no").over(time.Minute)
}

func TestNumbersOfOurs(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		id     requirement.ID
		tale   *tale
		status Status
		level  requirement.Level
	}{
		"a second between tries":            {"connection.backs-off", refusals(200*ms, 400*ms, 800*ms, time.Second, time.Second), Pass, requirement.Must},
		"doubled pauses":                    {"connection.backs-off", refusals(200*ms, 400*ms, 800*ms, 1600*ms), Pass, requirement.Must},
		"pauses that are short":             {"connection.backs-off", refusals(200*ms, 400*ms, 800*ms, 800*ms, 800*ms), Fail, requirement.Should},
		"999 ms":                            {"connection.backs-off", refusals(200*ms, 400*ms, 800*ms, time.Second, 999*ms), Fail, requirement.Should},
		"as fast as it can, five times":     {"connection.backs-off", refusals(slices.Repeat([]time.Duration{ms}, 5)...), Fail, requirement.Should},
		"fifty times":                       {"connection.backs-off", refusals(slices.Repeat([]time.Duration{ms}, 50)...), Fail, requirement.Should},
		"fifty-one times":                   {"connection.backs-off", refusals(slices.Repeat([]time.Duration{ms}, 51)...), Fail, requirement.Must},
		"ten a second":                      {"connection.backs-off", refusals(slices.Repeat([]time.Duration{100 * ms}, 80)...), Fail, requirement.Should},
		"a little more":                     {"connection.backs-off", refusals(slices.Repeat([]time.Duration{99 * ms}, 80)...), Fail, requirement.Must},
		"more than that, after a slip":      {"connection.backs-off", refusals(append([]time.Duration{800 * ms, 800 * ms, 800 * ms, 800 * ms}, slices.Repeat([]time.Duration{90 * ms}, 51)...)...), Fail, requirement.Must},
		"ten a second, by another clock":    {"connection.backs-off", tied(refusals(slices.Repeat([]time.Duration{99200 * time.Microsecond}, 51)...)), Fail, requirement.Should},
		"pages, and it asks on":             {"connection.backs-off", pages("Action=poll&SessionID=1.2", 51, 90*ms), Fail, requirement.Must},
		"fifty pages":                       {"connection.backs-off", pages("Action=poll&SessionID=1.2", 50, 90*ms), Fail, requirement.Should},
		"pages, and it opens on":            {"connection.backs-off", pages("Action=open&Server=NS&IP=h", 51, 90*ms), Fail, requirement.Must},
		"pages, a second apart":             {"connection.backs-off", pages("Action=poll&SessionID=1.2", 8, time.Second), Pass, requirement.Must},
		"pages to opens, a second apart":    {"connection.backs-off", pages("Action=open&Server=NS&IP=h", 8, time.Second), Pass, requirement.Must},
		"pages to opens of chats":           {"connection.backs-off", pages("Action=open&Server=SB&IP=h", 51, 90*ms), Inconclusive, requirement.Must},
		"950 ms, by another clock":          {"connection.backs-off", tied(refusals(200*ms, 400*ms, 800*ms, 950*ms, 950*ms)), Pass, requirement.Must},
		"949 ms, by another clock":          {"connection.backs-off", tied(refusals(200*ms, 400*ms, 800*ms, 949*ms, 949*ms)), Fail, requirement.Should},
		"the contact left meanwhile":        {"connection.recovers", struckLast().wait(40*time.Second).messenger(history.Event{Kind: history.SignedOut, User: peer, Text: "OUT"}).wait(3*time.Minute).rig(history.RunEnded, ""), Fail, requirement.Must},
		"two sessions that are wanted":      {"connection.backs-off", wanted(greetsOn(10*ms), "sign in", "open chat"), Fail, requirement.Should},
		"one that is wanted":                {"connection.backs-off", wanted(greetsOn(10*ms), "sign in"), Fail, requirement.Must},
		"one, begun anew":                   {"connection.backs-off", wanted(greetsOn(10*ms), "sign in").says(history.Reopened, ""), Fail, requirement.Should},
		"asked to leave meanwhile":          {"connection.recovers", struckLast().wait(40*time.Second).step("sign out").wait(3*time.Minute).rig(history.RunEnded, ""), Fail, requirement.Should},
		"left meanwhile":                    {"connection.recovers", goes(struckLast().wait(40*time.Second)).wait(3*time.Minute).rig(history.RunEnded, ""), Fail, requirement.Should},
		"waited in vain, and gave up":       {"connection.recovers", gaveUpWaiting(40*time.Second, 20*time.Second), Fail, requirement.Should},
		"nothing for 40 s":                  {"route.without-proxy", newTale().direct().dial(firstHost+":80", "refused").wait(40*time.Second).rig(history.RunEnded, ""), Fail, requirement.Should},
		"an answer is waited for":           {"connection.recovers", patient(40 * time.Second), Pass, requirement.Must},
		"for a minute":                      {"poll.keeps-going", patient(time.Minute), Pass, requirement.Must},
		"for a minute, by another clock":    {"poll.keeps-going", tied(patient(time.Minute + 50*ms)), Pass, requirement.Must},
		"for longer":                        {"poll.keeps-going", patient(61 * time.Second), Fail, requirement.Should},
		"beyond what one may":               {"connection.recovers", patient(61 * time.Second), Fail, requirement.Should},
		"for two minutes":                   {"connection.recovers", patient(requirement.BackMust - 50*ms), Fail, requirement.Should},
		"without end":                       {"connection.recovers", patient(requirement.BackMust + ms), Fail, requirement.Must},
		"back in half a minute":             {"connection.session-survives", away(30 * time.Second), Pass, requirement.Must},
		"a little later":                    {"connection.session-survives", away(30*time.Second + ms), Fail, requirement.Should},
		"back in two minutes":               {"connection.session-survives", away(requirement.BackMust), Fail, requirement.Should},
		"back too late":                     {"connection.session-survives", away(requirement.BackMust + ms), Fail, requirement.Must},
		"silent until then":                 {"poll.keeps-going", away(requirement.BackMust), Fail, requirement.Should},
		"silent for longer":                 {"poll.keeps-going", away(requirement.BackMust + ms), Fail, requirement.Must},
		"forgotten meanwhile, and anew":     {"connection.session-survives", outlasted(time.Minute, time.Second), Pass, requirement.Must},
		"and after that only":               {"connection.session-survives", outlasted(81*time.Second, time.Second), Fail, requirement.Must},
		"anew, and late":                    {"connection.session-survives", outlasted(time.Minute, requirement.BackMust+time.Second), Fail, requirement.Must},
		"cut off, and gives up":             {"poll.keeps-going", cutOff(requirement.BackMust).says(history.Failed, "").over(10 * time.Minute), Fail, requirement.Should},
		"too soon":                          {"poll.keeps-going", cutOff(requirement.BackMust-ms).says(history.Failed, "").over(10 * time.Minute), Fail, requirement.Must},
		"tells it before":                   {"poll.keeps-going", cutOff(time.Minute).says(history.Failed, "").turns(2 * time.Minute).over(10 * time.Minute), Fail, requirement.Must},
		"tells nobody":                      {"poll.keeps-going", cutOff(10 * time.Minute).over(10 * time.Minute), Fail, requirement.Must},
		"gave up, and has ended":            {"command.carried-out", ended(cutOff(requirement.BackMust)), Fail, requirement.Should},
		"gave up, and does nothing more":    {"command.carried-out", idles(cutOff(requirement.BackMust)), Fail, requirement.Should},
		"does nothing, too soon":            {"command.carried-out", idles(cutOff(requirement.BackMust - ms)), Fail, requirement.Must},
		"has ended too soon":                {"command.carried-out", ended(cutOff(requirement.BackMust - ms)), Fail, requirement.Must},
		"gave up, and is asked to leave":    {"close.says-out", cutOff(requirement.BackMust).says(history.Failed, "").wait(time.Minute).step("sign out").over(time.Minute), Pass, requirement.Must},
		"tries on, and never leaves":        {"close.says-out", cutOff(requirement.BackMust).wait(time.Minute).step("sign out").over(time.Minute), Fail, requirement.Must},
		"slept, and silent":                 {"poll.keeps-going", slept(31 * time.Second), Fail, requirement.Should},
		"slept, and back":                   {"poll.keeps-going", slept(30 * time.Second), Pass, requirement.Must},
		"silent in peace":                   {"poll.keeps-going", start().idle(1).wait(30*time.Second + ms).poll(""), Fail, requirement.Must},
		"not watched for so long":           {"connection.session-survives", struckLast().wait(40*time.Second).rig(history.RunEnded, ""), Fail, requirement.Should},
		"turned away, and told of it":       {"route.challenge-told", toldAfter(requirement.ToldBy), Pass, requirement.Must},
		"turned away, told a little late":   {"route.challenge-told", toldAfter(requirement.ToldBy + ms), Fail, requirement.Should},
		"turned away, told within a minute": {"route.challenge-told", toldAfter(time.Minute), Fail, requirement.Should},
		"turned away, told later than that": {"route.challenge-told", toldAfter(time.Minute + ms), Fail, requirement.Must},
		"turned away, not told in a minute": {"route.challenge-told", toldNobody(time.Minute), Fail, requirement.Should},
		"turned away, never told":           {"route.challenge-told", toldNobody(time.Minute + ms), Fail, requirement.Must},
		"no file, and told of it":           {"route.file-told", noFile().wait(requirement.ToldBy).says(history.Failed, "").rig(history.RunEnded, ""), Pass, requirement.Must},
		"no file, and told a little late":   {"route.file-told", noFile().wait(requirement.ToldBy+ms).says(history.Failed, "").rig(history.RunEnded, ""), Fail, requirement.Should},
		"no file, told within a minute":     {"route.file-told", noFile().wait(time.Minute).says(history.Failed, "").wait(time.Minute).rig(history.RunEnded, ""), Fail, requirement.Should},
		"no file, told later than that":     {"route.file-told", noFile().wait(time.Minute+ms).says(history.Failed, "").rig(history.RunEnded, ""), Fail, requirement.Must},
		"no file, not told in a minute":     {"route.file-told", noFile().wait(time.Minute).rig(history.RunEnded, ""), Fail, requirement.Should},
		"no file, never told":               {"route.file-told", noFile().wait(time.Minute+ms).rig(history.RunEnded, ""), Fail, requirement.Must},
		"still waiting at the end":          {"poll.keeps-going", asks().wait(time.Minute).rig(history.RunEnded, ""), Fail, requirement.Should},
	} {
		if v := verdictOn(c.id, c.tale); v.Status != c.status || v.Level != c.level {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
